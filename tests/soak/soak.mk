# The long form of tests/soak, with each back end of isolation: some 45 minutes. `make test` runs a minute and 100 cycles.
test test-soak soak: redis-server
soak: all ## 10,000 load, run and unload cycles, then ten minutes of good and hostile programs (N=..., SECONDS=..., DOMAIN=mpk|pt)
	@for domain in $(or $(DOMAIN),mpk pt); do \
		echo "# DOMAIN=$$domain"; \
		DOMAIN=$$domain tests/soak/run-cycles.sh $(or $(N),10000) && \
		DOMAIN=$$domain tests/soak/run-soak.sh $(or $(SECONDS),600) $(SEED) || exit 1; \
	done
.PHONY: soak
