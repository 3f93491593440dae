/* fault.c: what happens when a program, or an application function that it called, breaks a rule: a handler of its own if
 * it has one, else the end of the program with a report. The report names the access, the address and what forbids it. */
#include "arch/x86_64/cpu.h"
#include "fs/vfs.h"
#include "kernel/entry.h"
#include "kernel/kstack.h"
#include "kernel/log.h"
#include "kernel/usercopy.h"
#include "kernel/vm_internal.h"
#include "lib/fmt.h"
#include "linux/signal.h"
#include "overlay/gate.h"
#include "overlay/load.h"
#include "overlay/part.h"
#include "overlay/process.h"
#include "overlay/program.h"

#define PF_PRESENT 1
#define PF_WRITE 2
#define PF_FETCH 16
#define PF_KEY 32 /* SDM vol. 3A, 4.7 */

#define WALK_PAGES 4 /* that one page can need: itself and its tables */

#define BACKTRACE_MAX 16
#define STACK_SCAN_WORDS 512
#define FAULTS_LOGGED 8

bool (*program_symbolise)(uint64_t addr, char *buf, size_t size);

extern char __text_start[], __text_end[], __krodata_start[], __kdata_end[], __arodata_start[], __adata_end[];

static const char *place_of(uint64_t addr)
{
	if (addr < WINDOW_START)
		return "the null page";
	if (addr < WINDOW_END)
		return "the program's window";
	if ((addr >= (uint64_t) __text_start && addr < (uint64_t) __text_end) || addr / PART_SIZE == PART_BASE / PART_SIZE)
		return "the application's and kernel's code";
	if (addr >= (uint64_t) __krodata_start && addr < (uint64_t) __kdata_end)
		return "kernel data";
	if (addr >= (uint64_t) __arodata_start && addr < (uint64_t) __adata_end)
		return "application memory";
	if (addr >= APP_AREA_START && addr < APP_AREA_END)
		return "application memory";
	return addr >> 63 ? "kernel memory" : "no memory";
}

static void name_of(uint64_t addr, char *buf, size_t size)
{
	buf[0] = 0;
	if (program_symbolise && addr >= WINDOW_END)
		program_symbolise(addr, buf, size);
}

/* The page is the program's and would have come, had there been memory for it. */
static bool out_of_memory(struct program *p, const struct trap_frame *f, uint64_t addr)
{
	struct vm_area *a = addr < WINDOW_END ? vm_find(current()->window, addr) : NULL;
	uint32_t need = f->error & PF_WRITE ? PROT_WRITE : PROT_READ;

	return a && a->prot & need && !(f->error & PF_FETCH) &&
	       (p->quota_used + WALK_PAGES >= p->quota_limit || !vm_may_take_frame(current()->window));
}

static void report_page_fault(struct program *p, const struct trap_frame *f, uint64_t addr)
{
	const char *verb = f->error & PF_FETCH ? "execute" : f->error & PF_WRITE ? "write to" : "read of", *place = place_of(addr);
	bool app = addr >= WINDOW_END && place[0] == 'a';
	char symbol[64], at[80] = "";

	name_of(addr, symbol, sizeof(symbol));
	if (symbol[0])
		fmt_snprintf(at, sizeof(at), " (%s)", symbol);
	if (app && !(f->error & PF_FETCH)) {
		uint32_t need = f->error & PF_WRITE ? GRANT_WRITE : GRANT_READ;

		if (!(p->grants & need)) {
			p->refusals++;
			program_report(p, "%s application memory at 0x%lx%s needs the grant `%s`", verb, addr, at, grant_name(need));
			return;
		}
	}
	if (out_of_memory(p, f, addr)) {
		p->reason = EXIT_MEMORY;
		program_report(p, "%s 0x%lx: no memory: the guest's, or the program's limit of %lu KiB, is used up", verb, addr,
			       p->quota_limit * (PAGE_SIZE / 1024));
		return;
	}
	if (current()->in_gate && f->error & PF_FETCH && addr < WINDOW_END) {
		program_report(p, "execute 0x%lx: the application cannot call a function of the program", addr);
		return;
	}
	if (kstack_is_guard(addr))
		place = "the guard page of a gate's stack";
	program_report(p, "%s 0x%lx%s: %s%s", verb, addr, at, place,
		       addr < WINDOW_END && addr >= WINDOW_START ? f->error & PF_PRESENT ? ", not permitted" : ", not mapped" : "");
}

static void report_cause(struct program *p, const struct trap_frame *f, uint64_t addr)
{
	static const struct {
		uint8_t vector;
		const char *text;
	} causes[] = {
		{ 0, "division by zero" },
		{ 1, "single step" },
		{ 3, "breakpoint" },
		{ 4, "overflow" },
		{ 5, "bound" },
		{ 6, "invalid instruction" },
		{ 7, "no coprocessor" },
		{ 13, "general protection: a privileged instruction, a gate that is not ring 3's, or an address out of range" },
		{ 16, "floating point" },
		{ 17, "unaligned access" },
		{ 19, "SIMD floating point" },
	};

	program_report(p, "program %s (pid %d)%s%s: fault", p->name, p->pid, current()->in_gate ? " in a call of the application" : "",
		       f->vector == 14 && f->error & PF_KEY ? ", stopped by a protection key" : "");
	if (f->vector == 14) {
		report_page_fault(p, f, addr);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].vector == f->vector) {
			program_report(p, "%s at 0x%lx", causes[i].text, f->rip);
			return;
		}
	program_report(p, "trap %lu, error 0x%lx at 0x%lx", f->vector, f->error, f->rip);
}

static void report_registers(struct program *p, const struct trap_frame *f)
{
	const struct {
		const char *name;
		uint64_t value;
	} regs[] = {
		{ "rip", f->rip }, { "rsp", f->rsp }, { "rbp", f->rbp }, { "rax", f->rax }, { "rbx", f->rbx }, { "rcx", f->rcx },
		{ "rdx", f->rdx }, { "rsi", f->rsi }, { "rdi", f->rdi }, { "r8", f->r8 }, { "r9", f->r9 }, { "r10", f->r10 },
		{ "r11", f->r11 }, { "r12", f->r12 }, { "r13", f->r13 }, { "r14", f->r14 }, { "r15", f->r15 }, { "flags", f->rflags },
	};

	for (size_t i = 0; i < ARRAY_SIZE(regs); i += 3)
		program_report(p, "  %-5s 0x%016lx  %-5s 0x%016lx  %-5s 0x%016lx", regs[i].name, regs[i].value, regs[i + 1].name,
			       regs[i + 1].value, regs[i + 2].name, regs[i + 2].value);
}

static bool is_code(struct vmspace *vm, uint64_t addr)
{
	struct vm_area *a = addr < WINDOW_END ? vm_find(vm, addr) : NULL;

	return a && a->prot & PROT_EXEC;
}

static void frame_line(struct program *p, uint64_t addr, const char *sure)
{
	char symbol[64];

	name_of(addr, symbol, sizeof(symbol));
	program_report(p, "  0x%lx %s%s", addr, symbol, sure);
}

/* By frame pointers where there are any, then by what looks like return addresses on the stack. */
static void report_backtrace(struct program *p, const struct trap_frame *f, struct vmspace *vm)
{
	uint64_t rbp = f->rbp, pair[2], sp = f->rsp;
	unsigned n = 0;

	program_report(p, "backtrace (load-bias 0x%lx):", p->bias);
	frame_line(p, f->rip, "");
	while (n < BACKTRACE_MAX && rbp >= sp && rbp < WINDOW_END && !(rbp & 7) && vm_read(vm, rbp, pair, 16) == 0 &&
	       is_code(vm, pair[1])) {
		frame_line(p, pair[1], "");
		n++;
		if (pair[0] <= rbp)
			break;
		rbp = pair[0];
	}
	for (unsigned i = 0; n < BACKTRACE_MAX / 2 && i < STACK_SCAN_WORDS && sp < WINDOW_END; i++, sp += 8) {
		uint64_t word;

		if (vm_read(vm, sp & ~7UL, &word, 8) < 0)
			break;
		if (is_code(vm, word)) {
			frame_line(p, word, "?");
			n++;
		}
	}
}

static int signal_of(const struct trap_frame *f)
{
	switch (f->vector) {
	case 0: case 16: case 19: return SIGFPE;
	case 1: case 3: return SIGTRAP;
	case 6: return SIGILL;
	case 17: return SIGBUS;
	default: return SIGSEGV;
	}
}

static bool fault(struct trap_frame *f, uint64_t addr)
{
	struct thread *t = current();
	struct program *p = t->overlay;
	int signo = signal_of(f);

	if (!p)
		return false;
	if (frame_from_user(f) && signal_fault_user(f, signo, f->vector == 14 && f->error & PF_PRESENT ? 2 : 1, addr))
		return true;
	p->faults++;
	p->reason = p->reason == EXIT_NORMAL ? EXIT_FAULT : p->reason;
	report_cause(p, f, addr);
	report_registers(p, f);
	report_backtrace(p, f, t->window);
	/* A tree that forks and faults has said enough at some time: each line costs the guest and the host. */
	if (p->faults <= FAULTS_LOGGED)
		klog("overlay: program %s (pid %d): fault %lu at %lx, address %lx, error %lx", p->name, p->pid, f->vector, f->rip,
		     addr, f->error);
	gate_abandon();
	/* In a fork's child the report goes out now: the tree lives on. */
	if (t->proc->pid != p->pid && p->stderr_file && p->report) {
		file_write_kernel(p->stderr_file, p->report, p->report_len, FILE_POS);
		p->report_len = 0;
		p->report[0] = 0;
		p->reason = EXIT_NORMAL;
	}
	process_exit_group(WAIT_SIGNALLED(signo));
}

void fault_hooks_set(void)
{
	overlay_fault_hook = fault;
}
