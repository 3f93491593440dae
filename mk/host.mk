# The uio command (with the front ends of its tools, tools/NAME.c), and the small tools that the build itself runs on the host (host/mk*.c, one program a file).

# mkbtf has several files.
MKBTF_PARTS := $(wildcard host/mkbtf_*.c)
HOST_TOOL_SRC := $(filter-out $(MKBTF_PARTS),$(wildcard host/mk*.c))
HOST_SRC := $(filter-out $(SKIP) $(HOST_TOOL_SRC) $(MKBTF_PARTS),$(wildcard host/*.c)) \
	$(filter-out $(SKIP) tools/%.bpf.c,$(wildcard tools/*.c))
HOST_LIB_SRC := $(filter-out $(SKIP),$(wildcard lib/*.c proto/*.c bpf/*.c))
HOST_LIBS := -lcjson -ledit -lelf -lm -lpthread

HOST_LIB_OBJ := $(call objects,hosted,$(HOST_LIB_SRC))
$(B)/hosted/libpure.a: $(HOST_LIB_OBJ)
	$(call archive,$^)

ifneq ($(HOST_SRC),)
all: uio
endif
uio: $(B)/bin/uio ## the uio command, and its tools where clang is
.PHONY: uio
$(B)/bin/uio: $(call objects,hosted,$(HOST_SRC)) $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $^ $(HOST_LIBS)

HOST_TOOLS := $(HOST_TOOL_SRC:host/%.c=$(B)/host/%)
$(B)/host/mkbtf: $(call objects,hosted,$(MKBTF_PARTS))
$(B)/host/mkunwind: $(call objects,hosted,host/unwind_make.c host/symbols.c host/util.c)
$(HOST_TOOLS): $(B)/host/%: $(B)/hosted/host/%.o $(B)/hosted/libpure.a
	@mkdir -p $(@D); echo "  LD $@"
	$(Q)$(CC) -g -o $@ $(filter %.o,$^) $(filter %.a,$^) $(HOST_LIBS)

-include $(patsubst %.o,%.d,$(HOST_LIB_OBJ) $(call objects,hosted,$(HOST_SRC) $(HOST_TOOL_SRC) $(MKBTF_PARTS)))

# Linux's types for mkbtf: all that the file sees, linked so that nothing is left to relocate.
$(B)/lib/linux-types.so: host/types/linux.c
	@mkdir -p $(@D); echo "  CC $@"
	$(Q)$(CC) -g -gdwarf-5 -fno-eliminate-unused-debug-types -shared -nostdlib -o $@ $<
