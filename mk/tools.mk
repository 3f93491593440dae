# The eBPF programs of the ready-made tools: tools/NAME.bpf.c. Their front ends, tools/NAME.c, are part of the uio command
# (mk/host.mk), which works without them: `make` and `make uio` build them where clang and libbpf's headers are.

BPF_CC := clang
BPF_CFLAGS := -target bpf -D__TARGET_ARCH_x86 -O2 -g -Wall -Werror -I. -I/usr/include/x86_64-linux-gnu
TOOLS_SRC := $(filter-out $(SKIP),$(wildcard tools/*.bpf.c))
TOOLS_OBJ := $(TOOLS_SRC:tools/%.c=$(B)/lib/tools/%.o)

$(eval $(call flags-file,bpf-tools,$(BPF_CFLAGS)))
$(B)/lib/tools/%.o: tools/%.c $(B)/flags/bpf-tools
	@mkdir -p $(@D); echo "  BPF $<"
	$(Q)$(BPF_CC) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@ $<

tools: uio $(TOOLS_OBJ) ## the programs of uio funccount, strace, profile and so on; needs clang
.PHONY: tools
ifneq ($(and $(shell command -v $(BPF_CC)),$(wildcard /usr/include/bpf/bpf_helpers.h)),)
all: tools
uio: $(TOOLS_OBJ)
endif
-include $(TOOLS_OBJ:.o=.d)
