# The long form of what tests/overlay/run-overlay.sh does 50 times.
cycles: all ## 1,000 load, run and unload cycles, and what they leave behind (N=...)
	@tests/overlay/cycles.sh $(or $(N),1000)
.PHONY: cycles
