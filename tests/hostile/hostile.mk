# The client of tests/hostile/run-bpf.sh.
$(B)/tests/hostile/bpf-wrong: $(B)/hosted/tests/hostile/bpf_wrong.o $(filter-out $(B)/hosted/host/main.o,$(call \
		objects,hosted,$(HOST_SRC))) $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^ $(HOST_LIBS)
test test-hostile: $(B)/tests/hostile/bpf-wrong
-include $(B)/hosted/tests/hostile/bpf_wrong.d
