# Tools of the tests of trace/, and its suite's needs.
TRACE_TOOLS := $(B)/tests/trace/insn-check $(B)/tests/trace/push-wrong

$(B)/tests/trace/insn-check: $(B)/hosted/tests/trace/insn_check.o $(B)/hosted/trace/insn.o
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^
$(B)/tests/trace/push-wrong: $(B)/hosted/tests/trace/push_wrong.o $(filter-out $(B)/hosted/host/main.o,$(call \
		objects,hosted,$(HOST_SRC))) $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^ $(HOST_LIBS)
test test-trace: $(TRACE_TOOLS) redis-server nginx
-include $(patsubst %.o,%.d,$(call objects,hosted,tests/trace/insn_check.c tests/trace/push_wrong.c trace/insn.c))
