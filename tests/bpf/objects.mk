# The tool of tests/bpf/run-objects.sh, under ASan and UBSan.
$(B)/tests/bpf-object-dump: $(B)/asan/tests/bpf/objects/dump.o $(B)/asan/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -fsanitize=address,undefined -g -o $@ $^
test test-bpf: $(B)/tests/bpf-object-dump
-include $(B)/asan/tests/bpf/objects/dump.d
# tests/bpf/run-types.sh looks at these images' types.
test test-bpf: redis-server nginx sqlite3
# The tool of tests/bpf/run-broken.sh.
$(B)/tests/bpf-patch: $(B)/hosted/tests/bpf/broken/patch.o
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^
test test-bpf: $(B)/tests/bpf-patch
-include $(B)/hosted/tests/bpf/broken/patch.d
