# The long form of tests/soak and tests/overlay/cycles.sh; `make test` runs a minute and some 50 cycles.
test test-soak soak: redis-server
soak: all ## 10,000 load, run and unload cycles, then ten minutes of good and hostile programs (N=..., SECONDS=...)
	@tests/overlay/cycles.sh $(or $(N),10000)
	@tests/soak/run-soak.sh $(or $(SECONDS),600)
.PHONY: soak
