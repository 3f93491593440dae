# Compiler flags, and the one compile rule. Objects depend on a file that holds their flags, so a change of flags
# rebuilds exactly what it concerns.

WARN := -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers -Wstrict-prototypes

# Red zones: an interrupt in ring 0 would overwrite one. General registers only: the kernel does not save vector state.
# For want of those a stack needs no alignment by 16 either. The flags beside are for size.
KERNEL_CFLAGS := -std=gnu11 -Oz -fno-jump-tables -g -ffreestanding -mgeneral-regs-only -mno-red-zone -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-pic -fno-pie -mcmodel=small -fcf-protection=none -fno-strict-aliasing \
	-mpreferred-stack-boundary=3 -fno-shrink-wrap -fno-move-loop-invariants -fno-inline-functions-called-once \
	-fno-expensive-optimizations -fno-tree-tail-merge -mskip-rax-setup -malign-data=abi \
	-ffunction-sections -fdata-sections -fno-common -fno-tree-loop-distribute-patterns $(WARN) \
	-D_LIBC_LIMITS_H_ -nostdinc -isystem $(shell $(CC) -print-file-name=include 2>/dev/null) -I. -I$(B)
# Alignment of code takes more room than it is worth.
NO_ALIGN := -fno-align-functions -fno-align-jumps -fno-align-labels -fno-align-loops
# The same for speed: see FAST_SRC in mk/guest.mk.
FAST_CFLAGS := $(filter-out -Oz -fno-shrink-wrap -fno-move-loop-invariants -fno-inline-functions-called-once \
	-fno-expensive-optimizations -fno-tree-tail-merge,$(KERNEL_CFLAGS)) -O2 -fno-tree-vectorize $(NO_ALIGN)
HOST_CFLAGS := -std=gnu11 -O2 -g -D_GNU_SOURCE -DUIO_HOSTED $(WARN) -I. -I$(B)
ASAN_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE -DUIO_HOSTED -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer $(WARN) -I. -I$(B)

# $(call flags-file,NAME,VALUE): a file that changes when VALUE does.
define flags-file
$(B)/flags/$(1): FORCE
	@mkdir -p $$(@D); echo '$(CC) $(subst ','\'',$(2))' | cmp -s - $$@ || echo '$(CC) $(subst ','\'',$(2))' > $$@
endef

# Objects appear whole or not at all, even if two makes run at once.
compile-out = -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.$$$$ $< && mv $@.$$$$ $@ || { rm -f $@.$$$$; exit 1; }

# $(call compile-rules,NAME,FLAGS-VARIABLE): build/NAME/X.o from X.c, X.S or build/X.c.
define compile-rules
$(call flags-file,$(1),$($(2)))
$(B)/$(1)/%.o: %.c $(B)/flags/$(1)
	@mkdir -p $$(@D)
	$$(Q)echo "  CC $(1)/$$<"; $$(CC) $$($(2)) $$(CFLAGS_$$<) $$(compile-out)
$(B)/$(1)/%.o: %.S $(B)/flags/$(1)
	@mkdir -p $$(@D)
	$$(Q)echo "  AS $(1)/$$<"; $$(CC) $$($(2)) -D__ASSEMBLER__ $$(CFLAGS_$$<) $$(compile-out)
endef
Q := $(if $(V),,@)

$(eval $(call compile-rules,guest,KERNEL_CFLAGS))
$(eval $(call compile-rules,hosted,HOST_CFLAGS))
$(eval $(call compile-rules,asan,ASAN_CFLAGS))
