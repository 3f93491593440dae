# musl: fetched, its system-call layer replaced by ours, and built into build/sysroot.
#
# What is replaced: arch/x86_64/syscall_arch.h and the assembly files that execute `syscall` (src/ here mirrors musl's).
# What is added: the cancellation points (syscall_cp.h, cancel_point.c); what goes: asking nscd (src/passwd).
# The path of a cancellation point whose number is not constant loses its strong reference to the dispatcher, which would
# bring in every system call; libc has no such point.
# An image is never set-user-ID: the start-up code that would open /dev/null for one goes, and with it sys_open and sys_poll
# from images that do not open files.

SYSROOT := $(B)/sysroot
MUSL    := $(B)/musl
MUSL_IN := $(filter-out %.mk %~,$(wildcard third_party/musl/* third_party/musl/src/*/*.c)) $(B)/gen/syscall_switch.h

$(MUSL)/.unpacked: third_party/musl/version third_party/musl/musl.mk mk/fetch.sh
	$(Q)file=$$(mk/fetch.sh $< $(CACHE)); rm -rf $(MUSL); mkdir -p $(MUSL); tar xf $$file -C $(MUSL) --strip-components=1; \
	cp -p $(MUSL)/src/internal/syscall.h $(MUSL)/src/internal/syscall.h.orig; \
	cp -p $(MUSL)/src/thread/pthread_cancel.c $(MUSL)/src/thread/pthread_cancel.c.orig; \
	cp -p $(MUSL)/src/env/__libc_start_main.c $(MUSL)/src/env/__libc_start_main.c.orig; touch $@

$(SYSROOT)/.stamp: $(MUSL)/.unpacked $(MUSL_IN)
	@echo "  MUSL $(SYSROOT)"
	$(Q)t=third_party/musl; m=$(MUSL); \
	put() { cmp -s $$1 $$2 || cp $$1 $$2; }; \
	put $$t/config.mak $$m/config.mak; \
	put $$t/syscall_arch.h $$m/arch/x86_64/syscall_arch.h; \
	put $(B)/gen/syscall_switch.h $$m/arch/x86_64/syscall_switch.h; \
	awk -v add=$$t/syscall_cp.h '/^static inline long __alt_socketcall/ { while ((getline line < add) > 0) print line } \
		{ print }' $$m/src/internal/syscall.h.orig >$$m/tmp; \
	put $$m/tmp $$m/src/internal/syscall.h; \
	sed -e 's/return __syscall(nr, u/return __syscall_cp_asm(\&(int){ 0 }, nr, u/' $$m/src/thread/pthread_cancel.c.orig | cat - $$t/cancel_point.c >$$m/tmp; \
	put $$m/tmp $$m/src/thread/pthread_cancel.c; \
	sed 's/&& !aux\[AT_SECURE\]) return;/|| 1) return;/' $$m/src/env/__libc_start_main.c.orig >$$m/tmp; \
	put $$m/tmp $$m/src/env/__libc_start_main.c; rm -f $$m/tmp; \
	for f in $$(cd $$t/src; ls */*.c); do \
		mkdir -p $$m/src/$${f%/*}/x86_64; rm -f $$m/src/$${f%/*}/x86_64/$$(basename $$f .c).s; \
		put $$t/src/$$f $$m/src/$${f%/*}/x86_64/$${f##*/}; \
	done; \
	if [ -n "$$(find $$m -newer $$m/obj/.built -name '*.h' -o -name config.mak -newer $$m/obj/.built 2>/dev/null)" ]; then rm -rf $$m/obj; fi; \
	$(MAKE) --no-print-directory -C $$m -s -j2 MAKEFLAGS= prefix=$(TOP)/$(SYSROOT) all >$(B)/musl.log 2>&1 \
		|| { tail -20 $(B)/musl.log; exit 1; }; \
	$(MAKE) --no-print-directory -C $$m -s MAKEFLAGS= prefix=$(TOP)/$(SYSROOT) install-libs install-headers >>$(B)/musl.log 2>&1 \
		|| { tail -20 $(B)/musl.log; exit 1; }; \
	touch $$m/obj/.built; \
	$(OBJCOPY) --redefine-sym _start=uio_app_start --redefine-sym _start_c=uio_app_start_c $(SYSROOT)/lib/crt1.o; \
	touch $@

sysroot: $(SYSROOT)/.stamp ## build musl into build/sysroot
.PHONY: sysroot
