/* panic.c: the end of the guest, planned or not. */
#include "kernel/panic.h"

#include <stdarg.h>

#include "arch/x86_64/cpu.h"
#include "kernel/entry.h"
#include "kernel/log.h"
#include "kernel/mmio.h"
#include "kernel/thread.h"
#include "kernel/vm.h"
#include "lib/fmt.h"

#define EXIT_PORT 0x501	      /* QEMU's isa-debug-exit: status (value << 1) | 1 */
#define ACPI_PM1A 0x604	      /* QEMU's pc and q35: PM1a control; 0x2000 is SLP_EN with S5's type 0 */
#define PANIC_STATUS 127      /* what the exit port gets: QEMU ends with 255 */

static void line(const char *fmt, ...) __printf(1, 2);
static void line(const char *fmt, ...)
{
	char buf[220];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = fmt_vsnprintf(buf, sizeof(buf) - 1, fmt, ap);
	va_end(ap);
	n = MIN(n, (int) sizeof(buf) - 2);
	buf[n++] = '\n';
	kprint_raw(buf, n);
}

static _Noreturn void power_off(unsigned value)
{
	irq_disable();
	outw(EXIT_PORT, value);
	outw(ACPI_PM1A, 0x2000);
	outb(0x64, 0xfe); /* keyboard controller: pulse reset */
	for (;;)
		__asm__ volatile("hlt");
}

void (*machine_exit_hook)(void);

void machine_exit(unsigned status)
{
	if (machine_exit_hook)
		machine_exit_hook();
	line("uio: exit %u", status & 0xff);
	power_off(status & 0xff);
}

static bool readable(uint64_t at)
{
	/* Frame pointers are only followed where reading cannot fault again. */
	return (at >= 0x40100000 && at < 0x80000000 - 16) || at >= 0xffffc00000000000 ||
	       (at >= APP_AREA_START && at < APP_AREA_END && vm_fault(&app_vm, at, false, false) == 0);
}

static void backtrace(uint64_t rip, uint64_t rbp)
{
	line("backtrace (addr2line -f -e IMAGE.debug ADDRESS...):");
	line("  %lx", rip);
	for (unsigned i = 0; i < 32 && rbp && !(rbp & 7) && readable(rbp) && readable(rbp + 8); i++) {
		uint64_t next = ((uint64_t *) rbp)[0], ret = ((uint64_t *) rbp)[1];

		if (ret < 0x40100000 || ret >= 0x80000000)
			break;
		line("  %lx", ret);
		if (next <= rbp)
			break;
		rbp = next;
	}
}

static _Noreturn void die(const struct trap_frame *f, const char *fmt, va_list ap)
{
	static bool again;
	char buf[200];

	irq_disable();
	if (again)
		power_off(PANIC_STATUS);
	again = true;
	fmt_vsnprintf(buf, sizeof(buf), fmt, ap);
	line("uio: panic: %s", buf);
	if (current())
		line("thread %d (%s)", current()->tid, current()->name);
	if (f) {
		line("rip %016lx cs %lx rflags %lx rsp %016lx", f->rip, f->cs, f->rflags, f->rsp);
		line("rax %016lx rbx %016lx rcx %016lx rdx %016lx", f->rax, f->rbx, f->rcx, f->rdx);
		line("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", f->rsi, f->rdi, f->rbp, f->r8);
		line("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", f->r9, f->r10, f->r11, f->r12);
		line("r13 %016lx r14 %016lx r15 %016lx cr2 %016lx cr3 %lx", f->r13, f->r14, f->r15, read_cr2(), read_cr3());
		backtrace(f->rip, f->rbp);
	} else
		backtrace((uint64_t) __builtin_return_address(0), (uint64_t) __builtin_frame_address(0));
	power_off(PANIC_STATUS);
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	die(NULL, fmt, ap);
}

void panic_frame(const struct trap_frame *frame, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	die(frame, fmt, ap);
}
