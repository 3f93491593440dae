# The load test's images, and its long form.
test test-load load: nginx redis-server
load: all ## nginx and Redis under 60 s of load over a bad line (tests/load/run-load.sh)
	@LOAD_SECONDS=$${LOAD_SECONDS:-60} TEST_TIMEOUT=1200 mk/test.sh tests/load/run-load.sh; cat build/tests/log/load-run-load.sh.log
.PHONY: load
