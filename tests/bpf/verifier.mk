# The verifier's corpus: tests/bpf/verifier/*.txt, read by a tool built under ASan and UBSan. tests/bpf/run-verifier.sh runs it.

CORPUS_SRC := $(wildcard tests/bpf/verifier/*.c)
CORPUS_BIN := $(B)/tests/bpf/corpus
$(CORPUS_BIN): $(call objects,asan,$(CORPUS_SRC)) $(B)/asan/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -fsanitize=address,undefined -g -o $@ $^
test test-bpf: $(CORPUS_BIN)
-include $(patsubst %.o,%.d,$(call objects,asan,$(CORPUS_SRC)))
