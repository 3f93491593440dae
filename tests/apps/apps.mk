# The images that the tests of the applications and the documents' commands need, beside those of `make all`.
test test-apps test-docs: redis-server nginx

redis-suite: all redis-server ## Redis's own test suite on the unikernel, beside Debian's Redis
	@tests/apps/redis-compare.sh
.PHONY: redis-suite
