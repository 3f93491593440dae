# Takes checks out one after the other: not part of `make test`, since each means building the system anew.
test-mutants mutants: all $(UNIT_BIN) ## see that tests notice when a check is taken out (NAMES='quota ...')
	@tests/mutants/mutants.sh $(NAMES)
.PHONY: mutants test-mutants
