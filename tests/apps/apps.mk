# The images that the tests of the applications and the documents' commands need, beside those of `make all`.
test test-apps test-docs: redis-server nginx
