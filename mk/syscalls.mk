# Code made from linux/syscalls.tbl; see mk/syscalls.awk.
#
#	build/gen/syscall_switch.h	for musl's syscall_arch.h
#	build/gen/syscall_names.h	SYSCALL_NAME(number, name) for every Linux call: include "gen/syscall_names.h"
#	build/gen/syscall_table.h	{ "name", number }, for every Linux call: include "gen/syscall_table.h"
#	build/gen/overlay_syscalls.h	SYSCALL(number, name, nargs) for those that exist: include "gen/overlay_syscalls.h"
#	build/gen/linux/linux_NAME.c	one archive member for each Linux call
#
# Which implementations exist is read from the objects: for the application's members from the kernel's, for the overlay's
# table from the overlay's too (all but those that include the table).

SYSCALL_GEN = awk -v out=$(B)/gen -v make=$(1) -f mk/syscalls.awk linux/syscalls.tbl mk/syscalls.list
SYSCALL_IN := mk/syscalls.awk linux/syscalls.tbl mk/syscalls.list

$(B)/gen/syscall_switch.h $(B)/gen/syscall_names.h &: $(SYSCALL_IN)
	@mkdir -p $(B)/gen; $(call SYSCALL_GEN,headers); touch $(B)/gen/syscall_switch.h $(B)/gen/syscall_names.h

DISPATCH_SRC := $(shell grep -l 'gen/overlay_syscalls.h' /dev/null $(KERNEL_SRC) $(OVERLAY_SRC))
DISPATCH_OBJ := $(call objects,guest,$(DISPATCH_SRC))
list-defined = mkdir -p $(@D); $(NM) -g --defined-only $(filter %.o,$^) 2>/dev/null | \
	awk '$$2 == "T" && $$3 ~ /^sys_/ { print $$3 }' | sort -u >$@.$$$$; cmp -s $@.$$$$ $@ && rm $@.$$$$ || mv $@.$$$$ $@
$(B)/gen/defined.txt: $(filter-out $(DISPATCH_OBJ),$(KERNEL_OBJ)) FORCE
	@$(list-defined)
$(B)/gen/defined-overlay.txt: $(filter-out $(DISPATCH_OBJ),$(GUEST_OBJ)) FORCE
	@$(list-defined)

SYSCALL_NAMES := $(sort $(shell sed 's/\#.*//' linux/syscalls.tbl mk/syscalls.list | awk 'NF { print $$2 }'))
SYSCALL_SRC := $(SYSCALL_NAMES:%=$(B)/gen/linux/linux_%.c) $(B)/gen/linux/linux_syscall.c
SYSCALL_OBJ := $(SYSCALL_NAMES:%=$(B)/guest/gen/linux_%.o) $(B)/guest/gen/linux_syscall.o

$(B)/gen/members.stamp: $(SYSCALL_IN) $(B)/gen/defined.txt
	@mkdir -p $(B)/gen/linux; $(call SYSCALL_GEN,members) $(B)/gen/defined.txt; touch $@
$(SYSCALL_SRC): $(B)/gen/members.stamp ;
$(B)/gen/overlay_syscalls.h: $(SYSCALL_IN) $(B)/gen/defined-overlay.txt
	@$(call SYSCALL_GEN,overlay) $(B)/gen/defined-overlay.txt; touch $@

# 300 small members: not one line of output each.
$(SYSCALL_OBJ): $(B)/guest/gen/%.o: $(B)/gen/linux/%.c $(B)/flags/guest
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_CFLAGS) $(compile-out)

$(DISPATCH_OBJ): $(B)/gen/overlay_syscalls.h
$(call objects,guest,$(shell grep -l 'gen/syscall_names.h' /dev/null $(KERNEL_SRC) $(OVERLAY_SRC))): $(B)/gen/syscall_names.h
$(B)/gen/syscall_table.h: linux/syscalls.tbl
	@mkdir -p $(@D); awk 'BEGIN { print "/* pure */" } $$1 ~ /^[0-9]+$$/ { print "\t\t{ \"" $$2 "\", " $$1 " }," }' $< >$@
$(foreach d,guest hosted asan,$(B)/$(d)/bpf/syscalls.o): $(B)/gen/syscall_table.h
-include $(SYSCALL_OBJ:.o=.d)
