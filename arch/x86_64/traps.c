/* traps.c: descriptor tables, exceptions and interrupts: who gets which. Policy (signals, ending a program) is behind
 * the hooks of kernel/entry.h. */
#include "arch/x86_64/traps.h"

#include "arch/x86_64/asm.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/idt.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "kernel/vm.h"

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "entry.S pushes this");
_Static_assert(offsetof(struct trap_frame, rip) == FRAME_RIP, "entry.S");
_Static_assert(offsetof(struct trap_frame, cs) == FRAME_CS, "entry.S");
_Static_assert(offsetof(struct trap_frame, rsp) == FRAME_RSP, "entry.S");

struct __attribute__((packed)) tss { /* SDM vol. 3A, figure 8-11 */
	uint32_t zero0;
	uint64_t rsp[3];
	uint64_t zero1;
	uint64_t ist[7];
	uint64_t zero2;
	uint16_t zero3, iomap;
};
_Static_assert(sizeof(struct tss) == 104, "SDM vol. 3A 8.7");

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

#define ABORTS (1U << 2 | 1U << 8 | 1U << 18) /* vectors: NMI, double fault, machine check */

static struct idt_gate idt[VECTORS];
static struct tss tss;
static uint64_t gdt[8] = {
	0,
	0x00af9b000000ffff, /* kernel code, 64 bit, accessed */
	0x00cf93000000ffff, /* kernel data */
	0,		    /* 32-bit user code: none */
	0x00cff3000000ffff, /* user data */
	0x00affb000000ffff, /* user code, 64 bit */
};

extern uint64_t cpu_kstack_top, cpu_kernel_root;
extern uint8_t cpu_has_pku;
extern const char trap_stubs[], syscall_entry[], ist_irq_top[], ist_fault_top[], ist_abort_top[], app_trampoline[],
	__adata_start[], __adata_end[];

volatile bool need_resched;
void (*signal_deliver_hook)(struct trap_frame *frame, long *ret);
bool (*signal_pending_hook)(void);
bool (*app_fault_hook)(struct trap_frame *frame, int signo, uint64_t addr);
bool (*probe_fault_hook)(struct trap_frame *frame);
bool (*overlay_fault_hook)(struct trap_frame *frame, uint64_t addr);
void (*overlay_syscall_hook)(struct trap_frame *frame);
void (*overlay_return_hook)(struct trap_frame *frame);

uint64_t ex_table_lookup(uint64_t rip);
uint32_t thread_pkru(void);

void traps_init(void)
{
	struct table_pointer p = { sizeof(gdt) - 1, (uint64_t) gdt };
	uint64_t base = (uint64_t) &tss;
	struct cpuid_regs r;

	tss.ist[IST_IRQ - 1] = (uint64_t) ist_irq_top;
	tss.ist[IST_FAULT - 1] = (uint64_t) ist_fault_top;
	tss.ist[IST_ABORT - 1] = (uint64_t) ist_abort_top;
	tss.iomap = sizeof(tss);
	/* A 64-bit TSS descriptor: SDM vol. 3A, figure 8-4. */
	gdt[SEL_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ULL << 40 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
	__asm__ volatile("lgdt %0" ::"m"(p));
	__asm__ volatile("mov %0, %%ss; mov %0, %%ds; mov %0, %%es" ::"r"(SEL_KDATA));
	__asm__ volatile("ltr %w0" ::"r"(SEL_TSS));

	for (unsigned v = 0; v < VECTORS; v++) {
		uint64_t at = (uint64_t) trap_stubs + v * STUB_STRIDE;
		uint8_t ist = v >= VECTOR_IRQ_FIRST ? IST_IRQ : IST_FAULT;

		if (v < 32 && (ABORTS >> v & 1))
			ist = IST_ABORT;
		idt[v] = (struct idt_gate){ at, SEL_KCODE, ist, 0x8e, at >> 16, at >> 32, 0 };
	}
	p = (struct table_pointer){ sizeof(idt) - 1, (uint64_t) idt };
	__asm__ volatile("lidt %0" ::"m"(p));

	wrmsr(MSR_STAR, (uint64_t) (SEL_UBASE | 3) << 48 | (uint64_t) SEL_KCODE << 32);
	wrmsr(MSR_LSTAR, (uint64_t) syscall_entry);
	/* Cleared on SYSCALL: TF IF DF IOPL NT AC. */
	wrmsr(MSR_FMASK, 0x47700);

	if (cpuid(0, 0).a >= 7) {
		uint64_t cr4 = read_cr4();

		r = cpuid(7, 0);
		if (r.b & (1U << 7))
			cr4 |= CR4_SMEP;
		if (r.c & (1U << 2))
			cr4 |= CR4_UMIP;
		if (r.c & (1U << 3)) {
			cr4 |= CR4_PKE;
			boot_info.pku = true;
		}
		write_cr4(cr4);
		if (boot_info.pku) {
			cpu_has_pku = 1;
			__asm__ volatile("wrpkru" ::"a"(0), "c"(0), "d"(0));
		}
	}
}

/* With CR4.PKE=0 leaves' keys are ignored, and WRPKRU is an invalid instruction (SDM vol. 2, WRPKRU). */
void traps_disable_pku(void)
{
	write_cr4(read_cr4() & ~CR4_PKE);
	cpu_has_pku = 0;
	boot_info.pku = false;
}

void arch_set_kstack(uint64_t top)
{
	cpu_kstack_top = top;
}

/* Vectors that are the program's own doing, and the signal each stands for. */
static int vector_signal(unsigned vector)
{
	switch (vector) {
	case 0: case 16: case 19:
		return 8; /* SIGFPE */
	case 1: case 3:
		return 5; /* SIGTRAP */
	case 6:
		return 4; /* SIGILL */
	case 17:
		return 7; /* SIGBUS */
	default:
		return 11; /* SIGSEGV */
	}
}

int fault_resolve(uint64_t addr, uint64_t error)
{
	bool write = error & 2, exec = error & 16;
	struct thread *t = current();

	/* Bit 3, reserved bit set, and bit 5, protection key: never cured by bringing a page in. SDM vol. 3A 4.7. */
	if (error & (8 | 32))
		return -EFAULT;
	if (addr < WINDOW_END) {
		/* Ring 0 never executes a program's page, however often it is brought in (SMEP: SDM vol. 3A 4.6.1). */
		if (!t || !t->window || (exec && !(error & 4)))
			return -EFAULT;
		return vm_fault(t->window, addr, write, exec);
	}
	if (addr >= APP_AREA_START && addr < APP_AREA_END)
		return vm_fault(&app_vm, addr, write, exec);
	return -EFAULT;
}

/* Room below the copied frame for saved vector registers and the delivery itself. */
#define FAULT_ROOM 8192
#define FAULT_ROOM_MIN 6144 /* of an alternate stack */
#define SIGNAL_ROOM 1536 /* of a signal, which can wait, beside the vector registers: 832 are used, 300 for a probe */

/* The pages must be there: what runs on this stack must not fault again. The application's variables always are. */
static bool stack_usable(uint64_t from, uint64_t to)
{
	for (uint64_t a = PAGE_ALIGN_DOWN(from); a < to; a += PAGE_SIZE)
		if ((a < (uint64_t) __adata_start || a >= (uint64_t) __adata_end) && fault_resolve(a, 2) < 0)
			return false;
	return true;
}

/* A fault in the application's code, or a signal that found it computing: carried to its own stack, below the red zone,
 * where delivery may block. When that stack is used up, to the alternate stack. */
static bool to_app_stack(struct trap_frame *f, void (*fn)(struct trap_frame *), uint64_t room)
{
	struct thread *t = current();
	struct trap_frame *copy;
	uint64_t sp = (f->rsp - RED_ZONE - sizeof(*f)) & ~15UL;

	if (!(f->rflags & RFLAGS_IF)) /* it was in the kernel */
		return false;
	if (t->in_gate) {
		/* The call is not gone on with, so what is on its stack, which may be used up, does not matter. */
		sp = (t->gate_stack + GATE_STACK_PAGES * PAGE_SIZE - sizeof(*f)) & ~15UL;
	} else if (!stack_usable(sp - room, f->rsp)) {
		uint64_t top = t->altstack_sp + t->altstack_size;

		sp = (top - sizeof(*f)) & ~15UL;
		if (t->altstack_size < FAULT_ROOM_MIN || f->rsp - t->altstack_sp < t->altstack_size ||
		    !stack_usable(t->altstack_sp, top))
			return false;
	}
	copy = (struct trap_frame *) sp;
	*copy = *f;
	f->rip = (uint64_t) app_trampoline;
	f->rdi = sp;
	f->rsi = (uint64_t) fn;
	f->rflags &= ~(RFLAGS_IF | 0x100 | 0x400);
	f->rsp = sp;
	return true;
}

static _Noreturn void fatal_fault(struct trap_frame *f, uint64_t addr)
{
	static const char *const names[] = { "divide error", "debug", "NMI", "breakpoint", "overflow", "bound",
		"invalid opcode",
		"no device", "double fault", "", "invalid TSS", "no segment", "stack segment", "general protection",
		"page fault", "", "x87 error", "alignment", "machine check", "SIMD error" };
	const char *name = f->vector < ARRAY_SIZE(names) ? names[f->vector] : "trap";

	panic_frame(f, "%s, error %lx, address %lx", name, f->error, addr);
}

/* Runs on the application's stack. */
static void app_fault_moved(struct trap_frame *f)
{
	/* The address was kept in a field that the hardware frame does not use in ring 0. */
	uint64_t addr = f->ss;

	f->ss = SEL_KDATA;
	if (current()->in_gate && overlay_fault_hook && overlay_fault_hook(f, addr))
		return;
	if (app_fault_hook) {
		_Alignas(64) uint8_t image[fpu_size()];

		fpu_save_to(image);
		if (app_fault_hook(f, vector_signal(f->vector), addr)) {
			irq_disable();
			fpu_load_from(image);
			return;
		}
	}
	fatal_fault(f, addr);
}

void trap_kernel(struct trap_frame *f);
void trap_kernel(struct trap_frame *f)
{
	uint64_t addr = f->vector == 14 ? read_cr2() : f->rip, fixup;
	int r = f->vector == 14 ? fault_resolve(addr, f->error) : -EFAULT;

	if (r == 0 || (probe_fault_hook && probe_fault_hook(f)))
		return;
	fixup = ex_table_lookup(f->rip);
	if (fixup) {
		f->rip = fixup;
		return;
	}
	/* No signal, as in Linux: a handler would want memory, too, and perhaps the lock that its malloc() holds. */
	if (r == -ENOMEM && (f->rflags & RFLAGS_IF) && !current()->in_gate)
		panic_frame(f, "out of memory: no page for address %lx", addr);
	if (!(ABORTS >> f->vector & 1)) {
		struct trap_frame saved = *f;

		f->ss = addr;
		if (to_app_stack(f, app_fault_moved, FAULT_ROOM)) {
			f->ss = SEL_KDATA;
			return;
		}
		*f = saved;
	}
	fatal_fault(f, addr);
}

static void handle_interrupt(unsigned vector)
{
	if (vector == VECTOR_SPURIOUS)
		return;
	if (vector == VECTOR_TIMER)
		clock_interrupt();
	else
		irq_dispatch(vector);
	apic_eoi();
}

/* Ring 0 was interrupted; this runs on the interrupts' own stack. Returns where the frame has to go so that
 * interrupt_leave() can switch threads, or 0. */
uint64_t interrupt_kernel(struct trap_frame *f);
uint64_t interrupt_kernel(struct trap_frame *f)
{
	handle_interrupt(f->vector);
	return sched_interrupt_due() ? current()->preempt_top - sizeof(*f) : 0;
}

static void signal_moved(struct trap_frame *f)
{
	do {
		_Alignas(64) uint8_t image[fpu_size()];

		fpu_save_to(image);
		signal_deliver_hook(f, NULL);
		irq_disable();
		fpu_load_from(image);
	} while (sched_interrupt_return(f));
}

/* Runs on the thread's preempt stack. */
void interrupt_leave(struct trap_frame *f);
void interrupt_leave(struct trap_frame *f)
{
	/* A signal for which there is no room now waits for the next interrupt or call. */
	if (sched_interrupt_return(f) && !to_app_stack(f, signal_moved, fpu_size() + SIGNAL_ROOM)) {
		current()->work_pending = true;
		sched_look_again();
	}
}

void trap_user(struct trap_frame *f);
void trap_user(struct trap_frame *f)
{
	uint64_t addr;

	current()->user_frame = f;
	if (f->vector >= VECTOR_IRQ_FIRST) {
		handle_interrupt(f->vector);
		return;
	}
	addr = f->vector == 14 ? read_cr2() : f->rip;
	if (ABORTS >> f->vector & 1)
		fatal_fault(f, addr);
	if (f->vector == 14 && addr < WINDOW_END && fault_resolve(addr, f->error) == 0)
		return;
	/* A permitted access to a page of the application's that is not there yet. */
	if (f->vector == 14 && !(f->error & 1) && addr >= APP_AREA_START && addr < APP_AREA_END &&
	    user_range_check(addr, 1, f->error & 2) == 0 && fault_resolve(addr, f->error) == 0)
		return;
	if (!overlay_fault_hook)
		fatal_fault(f, addr);
	overlay_fault_hook(f, addr);
}

void syscall_user(struct trap_frame *f);
void syscall_user(struct trap_frame *f)
{
	current()->user_frame = f;
	overlay_syscall_hook(f);
}

/* Everything due before ring 3 goes on. Returns what entry.S loads for it: PKRU (never 0: no program has all keys), a
 * root of ring 3's own, or 0. */
uint64_t user_return_work(struct trap_frame *f);
uint64_t user_return_work(struct trap_frame *f)
{
	struct thread *t = current();

	t->user_frame = f;
	while (need_resched || t->kill_pending || t->work_pending ||
	       (f->vector == VECTOR_SYSCALL && (long) f->rax == -ERESTARTSYS)) {
		need_resched = false;
		t->work_pending = false;
		if (overlay_return_hook)
			overlay_return_hook(f);
		if (signal_pending_hook && signal_pending_hook())
			signal_deliver_hook(f, NULL);
		thread_yield();
	}
	/* Whatever an upcall or a signal frame asked for: ring 3, its own selectors, interrupts on, IOPL 0. */
	f->cs = SEL_UCODE;
	f->ss = SEL_UDATA;
	/* IRET to an address that is not canonical faults in ring 0 (SDM vol. 2A, IRET); this one faults in ring 3. */
	f->rip = MIN(f->rip, WINDOW_END);
	f->rflags = (f->rflags & 0x240dd5) | 0x202;
	t->user_frame = NULL;
	cpu_kernel_root = t->window->user_root.pa ? t->window->root.pa : 0;
	return cpu_kernel_root ? vm_user_root(t->window) : t->pkru;
}

void kernel_enter(void)
{
	irq_disable();
}

bool kernel_leave(long *ret)
{
	struct thread *t = current();

	if (need_resched || t->work_pending || thread_dying(t) || *ret == -ERESTARTSYS) {
		bool restart = false;

		if (t->in_gate && thread_dying(t) && overlay_return_hook)
			overlay_return_hook(NULL);
		t->work_pending = false;
		if (!t->in_gate && signal_pending_hook && signal_pending_hook())
			signal_deliver_hook(NULL, ret);
		if (*ret == -ERESTARTSYS)
			restart = true;
		if (need_resched) {
			need_resched = false;
			thread_yield();
		}
		irq_enable();
		return restart;
	}
	irq_enable();
	return false;
}

long linux_syscall(long nr, long a, long b, long c, long d, long e, long f) __attribute__((weak));
long app_raw_syscall(long nr, long a, long b, long c, long d, long e, long f);
long app_raw_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	long r = -ENOSYS;

	if (linux_syscall)
		r = linux_syscall(nr, a, b, c, d, e, f);
	irq_enable();
	return r;
}
