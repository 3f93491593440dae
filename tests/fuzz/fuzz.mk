# Fuzzing: `make test` runs each target a fixed number of times; `make fuzz` hunts, and goes on from what it found before.

fuzz: $(B)/gen/syscall_table.h $(LWIP)/.unpacked ## hunt with every fuzz target, SECONDS=60 each; coverage in build/fuzz/coverage.tsv
	@FUZZ_SECONDS=$(or $(SECONDS),60) tests/fuzz/run-fuzz.sh; echo; column -t -s "$$(printf '\t')" $(B)/fuzz/coverage.tsv
# What seeds come from.
fuzz test-fuzz: $(B)/tests/bpf/corpus $(B)/tests/bpf-patch
.PHONY: fuzz
