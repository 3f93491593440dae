# The program of tests/bpf/run-conformance-guest.sh: bpf/ and lib/ as they are compiled for the guest's kernel.
$(B)/tests/bpf-conformance: tests/bpf/conformance/program.c tests/bpf/engine.c $(call objects,guest,$(BPF_GUEST_SRC))
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)musl-gcc -static -no-pie -fno-pie -O2 -g -I. -o $@ $^
test test-bpf: $(B)/tests/bpf-conformance
