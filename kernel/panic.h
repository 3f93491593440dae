/* panic.h: the end of the guest. Prints the reason, registers and a backtrace of return addresses (symbolise with
 * `addr2line -e IMAGE.debug`), then ends QEMU with an error status. */
#ifndef UIO_KERNEL_PANIC_H
#define UIO_KERNEL_PANIC_H

#include "kernel/types.h"

struct trap_frame;

_Noreturn void panic(const char *fmt, ...) __printf(1, 2);
_Noreturn void panic_frame(const struct trap_frame *frame, const char *fmt, ...) __printf(2, 3);

#define kassert(cond)                                                                                                  \
	do {                                                                                                           \
		if (!(cond))                                                                                           \
			panic("%s:%d: %s", __FILE__, __LINE__, #cond);                                                 \
	} while (0)

/* Ends the guest. `status` 0..255 is the application's exit status: the last line of the log says "uio: exit N" and
 * the isa-debug-exit port gets it; without that device, ACPI power-off and then a reset are tried. */
_Noreturn void machine_exit(unsigned status);
/* What machine_exit() calls first, for a driver that still holds output; bounded. NULL: nothing. */
extern void (*machine_exit_hook)(void);

#endif
