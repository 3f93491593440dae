# bpf-run, and the tests of bpf/ that run programs: each tests/bpf/test_*.c is a program of its own under ASan and UBSan,
# as those of tests/unit/; the other files of tests/bpf/ are linked into all of them, but for bpf_run*.c.

BPF_RUN_SRC  := $(wildcard tests/bpf/bpf_run*.c tests/bpf/engine*.c)
BPF_TEST_SRC := $(wildcard tests/bpf/test_*.c)
BPF_AUX      := $(filter-out tests/bpf/bpf_run%.c $(BPF_TEST_SRC),$(wildcard tests/bpf/*.c))
BPF_TEST_BIN := $(BPF_TEST_SRC:tests/bpf/%.c=$(B)/tests/bpf/%)

$(B)/host/bpf-run: $(call objects,hosted,$(BPF_RUN_SRC)) $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^
# The same with bpf/ as it is compiled for the guest.
BPF_GUEST_SRC := $(filter-out $(SKIP),$(wildcard bpf/*.c lib/*.c))
$(B)/tests/bpf-run-guest: $(call objects,hosted,$(BPF_RUN_SRC)) $(call objects,guest,$(BPF_GUEST_SRC))
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -no-pie -o $@ $^
test test-bpf: $(B)/tests/bpf-run-guest
all: bpf-run
bpf-run: $(B)/host/bpf-run ## programs for eBPF run, or are verified, on the host
.PHONY: bpf-run

$(BPF_TEST_BIN): $(B)/tests/bpf/%: $(B)/asan/tests/bpf/%.o $(call objects,asan,$(BPF_AUX)) $(B)/asan/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -fsanitize=address,undefined -g -o $@ $^ -lcmocka
UNIT_BIN += $(BPF_TEST_BIN)

-include $(patsubst %.o,%.d,$(call objects,hosted,$(BPF_RUN_SRC)) $(call objects,asan,$(BPF_TEST_SRC) $(BPF_AUX)))
