/* probe.c: see probe.h: programs that are on sites, and what happens when one is reached. */
#include "trace/probe.h"

#include "bpf/ctx.h"
#include "arch/x86_64/asm.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "trace/gate.h"
#include "trace/insn.h"
#include "trace/probe_fault.h"
#include "trace/returns.h"
#include "trace/site.h"
#include "trace/switch.h"

#define NAME_MAX 48

struct hook {
	struct list site_node, prog_node;
	struct site *site;
	struct trace_prog *prog; /* null: unwinder_calls() */
	uint64_t function;
	int syscall; /* a PROBE_... of probe.h, or the call's number */
	bool at_return;
	char name[NAME_MAX];
};

extern uint64_t *probe_ist, *probe_ist_fault, probe_old_entry;
extern char probe_entry[], probe_stack_top[];
extern char __text_start[], __text_end[], thread_entry[];

/* events/syscalls/sys_enter_NAME/format and sys_exit_NAME/format of Linux's tracefs. */
struct sys_enter {
	uint64_t common;
	int64_t nr;
	uint64_t args[6];
};
struct sys_exit {
	uint64_t common;
	int64_t nr;
	int64_t ret;
};

static void miss_hooks(struct list *hooks)
{
	struct hook *h;

	list_for_each (h, hooks, site_node)
		if (h->prog)
			h->prog->misses++;
}

static void miss_returns(struct site *s)
{
	miss_hooks(&s->return_hooks);
}

static void run_hook(struct hook *h, struct bpf_pt_regs *regs)
{
	if (!h->prog) {
		/* The application's unwinder starts here: C++'s exceptions, a backtrace. It knows nothing of our return
		 * address, so it is to find its own. */
		returns_undo(regs->rsp, miss_returns);
	} else if (h->syscall == PROBE_REGISTERS) {
		trace_run(h->prog, regs, h->function);
	} else if (h->syscall < PROBE_REGISTERS) {
		switch_hit(h->prog, h->syscall, regs);
	} else if (h->at_return) {
		struct sys_exit record = {0, h->syscall, (int64_t)regs->rax};

		trace_run(h->prog, &record, h->function);
	} else {
		/* The direct call is a C function. */
		struct sys_enter record = {
			0, h->syscall, {regs->rdi, regs->rsi, regs->rdx, regs->rcx, regs->r8, regs->r9}};

		trace_run(h->prog, &record, h->function);
	}
}

static void run_hooks(struct list *hooks, struct bpf_pt_regs *regs)
{
	struct hook *h;

	trace_regs = regs;
	list_for_each (h, hooks, site_node)
		run_hook(h, regs);
	trace_regs = NULL;
}

static void entered(struct site *s, struct bpf_pt_regs *regs)
{
	if (trace_running) {
		miss_hooks(&s->entry_hooks);
		miss_hooks(&s->return_hooks);
		return;
	}
	run_hooks(&s->entry_hooks, regs);
	if (!list_empty(&s->return_hooks) && !returns_divert(s, regs->rsp))
		miss_hooks(&s->return_hooks);
}

/* From probe_entry.S, all three with interrupts off. The jump at s was taken. Helpers look before they read, so nothing
 * here faults. */
void probe_jumped(struct bpf_pt_regs *regs, struct site *s);
void probe_jumped(struct bpf_pt_regs *regs, struct site *s)
{
	regs->rip = s->at;
	entered(s, regs);
}

/* A function returned to probe_return; answers where it would have returned to. */
uint64_t probe_returned(struct bpf_pt_regs *regs);
uint64_t probe_returned(struct bpf_pt_regs *regs)
{
	struct site *s;

	regs->rip = returns_take(regs->rsp - 8, &s);
	if (!s)
		return regs->rip; /* it was counted as missed */
	if (trace_running)
		miss_hooks(&s->return_hooks);
	else
		run_hooks(&s->return_hooks, regs);
	return regs->rip;
}

static uint64_t read_cr2(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

/* True if the breakpoint is a probe's. The fault handler that this may interrupt has not read CR2 yet. */
bool probe_hit(struct bpf_pt_regs *regs);
bool probe_hit(struct bpf_pt_regs *regs)
{
	struct site *s = site_find(regs->rip - 1);
	uint64_t cr2 = read_cr2();

	if (!s)
		return false;
	regs->rip--;
	entered(s, regs);
	regs->rip = s->moved;
	__asm__ volatile("mov %0, %%cr2" ::"r"(cr2));
	return true;
}

/* True if an instruction of the function starts at the offset. */
static bool is_boundary(uint64_t function, uint32_t offset)
{
	uint8_t code[16];

	for (uint32_t i = 0; i < offset;) {
		size_t n = site_original(function + i, code, sizeof(code));
		int length = insn_length(code, n);

		if (length < 0)
			return false;
		i += (uint32_t)length;
		if (i == offset)
			return true;
	}
	return offset == 0;
}

/* Where unwinding begins, if the image has it: the language-independent functions of the System V ABI (Linux Standard
 * Base, "libgcc_s"). */
extern const char _Unwind_RaiseException[] __attribute__((weak)), _Unwind_Resume_or_Rethrow[] __attribute__((weak)),
	_Unwind_ForcedUnwind[] __attribute__((weak)), _Unwind_Backtrace[] __attribute__((weak));
static const char *const unwind_starts[] = {_Unwind_RaiseException, _Unwind_Resume_or_Rethrow, _Unwind_ForcedUnwind,
					    _Unwind_Backtrace};

/* True for the functions of libgcc's that look at their own return address in ways of their own. Those that anybody may
 * call are known by their addresses, the others only by what the client calls them: the guest has no symbols. */
static bool is_unwinders(uint64_t function, const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(unwind_starts); i++)
		if (function == (uint64_t)unwind_starts[i])
			return true;
	return !strncmp(name, "uw_", 3) || !strncmp(name, "_Unwind_", 8);
}

/* A return address of ours would be seen, or come back another time; where a thread begins there is none; and the parts
 * that compilers put elsewhere (NAME.cold) are jumped to with anything on the stack: they, too, are known by the
 * client's word alone (docs/security.md). */
static bool may_divert_return(uint64_t function, const char *name)
{
	static const char cold[] = ".cold";
	uint8_t code[128];

	if (is_unwinders(function, name))
		return false;
	for (; *name; name++)
		if (!strncmp(name, cold, sizeof(cold) - 1))
			return false;
	return function != (uint64_t)thread_entry &&
	       !insn_handles_return(code, site_original(function, code, sizeof(code)));
}

/* Stays for good once a return is probed: such calls outlast their programs. */
static int watch_unwinder(void)
{
	static bool done[ARRAY_SIZE(unwind_starts)];

	for (unsigned i = 0; i < ARRAY_SIZE(unwind_starts); i++) {
		struct hook *h;
		int r;

		if (done[i] || !unwind_starts[i])
			continue;
		h = kzalloc(sizeof(*h));
		r = h ? site_make((uint64_t)unwind_starts[i], &h->site) : -ENOMEM;
		if (r == 0) {
			list_add_tail(&h->site->entry_hooks, &h->site_node);
			r = site_settle(h->site);
			if (r < 0)
				list_del(&h->site_node);
		}
		if (r < 0) {
			kfree(h);
			return r;
		}
		done[i] = true;
	}
	return 0;
}

int probe_attach(struct trace_prog *p, uint64_t function, uint32_t offset, bool at_return, int syscall,
		 const char *name)
{
	uint64_t at = function + offset, end = (uint64_t)__text_end;
	struct hook *h;
	struct site *s;
	int r;

	if (function < (uint64_t)__text_start || function >= end || offset >= end - function || (at_return && offset) ||
	    !is_boundary(function, offset))
		return -EINVAL;
	list_for_each (h, &p->hooks, prog_node)
		if (h->site->at == at && h->at_return == at_return)
			return -EEXIST;
	if (at_return && !may_divert_return(at, name))
		return -EOPNOTSUPP;
	if (syscall >= 0 &&
	    p->verified.context_size > (at_return ? sizeof(struct sys_exit) : sizeof(struct sys_enter)))
		return -EACCES;
	r = at_return ? watch_unwinder() : 0;
	if (r < 0)
		return r;
	h = kzalloc(sizeof(*h));
	r = h ? site_make(at, &s) : -ENOMEM;
	if (r < 0) {
		kfree(h);
		return r;
	}
	h->site = s;
	h->prog = p;
	h->function = function;
	h->at_return = at_return;
	h->syscall = syscall;
	if (!offset)
		fmt_snprintf(h->name, sizeof(h->name), "%.38s%s", name, at_return ? "%return" : "");
	else
		fmt_snprintf(h->name, sizeof(h->name), "%.38s+0x%x", name, offset);
	list_add_tail(at_return ? &s->return_hooks : &s->entry_hooks, &h->site_node);
	list_add_tail(&p->hooks, &h->prog_node);
	r = site_settle(s);
	if (r < 0) {
		list_del(&h->site_node);
		list_del(&h->prog_node);
		site_settle(s);
		kfree(h);
	}
	return r;
}

void probe_detach_all(struct trace_prog *p)
{
	struct hook *h;

	while ((h = list_first(&p->hooks, struct hook, prog_node))) {
		list_del(&h->prog_node);
		list_del(&h->site_node);
		site_settle(h->site);
		kfree(h);
	}
}

bool probe_list(const struct trace_prog *p, char *buf, size_t size)
{
	struct hook *h;
	size_t n = 0;

	buf[0] = '\0';
	list_for_each (h, &p->hooks, prog_node) {
		size_t len = strlen(h->name);

		if (n + len + 5 > size) {
			fmt_snprintf(buf + n, size - n, " ...");
			return false;
		}
		n += (size_t)fmt_snprintf(buf + n, size - n, "%s%s", n ? " " : "", h->name);
	}
	return true;
}

const char *probe_ways(const struct trace_prog *p, char buf[PROBE_WAYS_MAX])
{
	static const char *const ways[] = {"nop", "jump", "int3"};
	size_t n = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
		unsigned count = 0;
		struct hook *h;

		list_for_each (h, &p->hooks, prog_node)
			count += !strcmp(site_way_name(h->site), ways[i]);
		if (count)
			n += (size_t)fmt_snprintf(buf + n, PROBE_WAYS_MAX - n, "%s%s:%u", n ? " " : "", ways[i], count);
	}
	return buf;
}

/* SDM vol. 3A 8.7 (the 64-bit TSS: IST1 at offset 36), figure 8-4 (its descriptor). */
struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};
#define IST_PROBE	  4
#define VECTOR_BREAKPOINT 3

int probe_init(void)
{
	uint64_t entry = (uint64_t)probe_entry, tss;
	struct table gdt;

	site_init();
	returns_init();
	__asm__ volatile("sgdt %0" : "=m"(gdt));
	tss = *(uint64_t *)(gdt.base + SEL_TSS);
	tss = (tss >> 16 & 0xffffff) | (tss >> 56) << 24 | *(uint32_t *)(gdt.base + SEL_TSS + 8) * (1ULL << 32);
	probe_ist = (uint64_t *)(tss + 36 + 8 * (IST_PROBE - 1));
	probe_ist_fault = (uint64_t *)(tss + 36 + 8 * (IST_FAULT - 1));
	*probe_ist = (uint64_t)probe_stack_top;

	probe_old_entry = gate_exchange(VECTOR_BREAKPOINT, entry);
	gate_of(VECTOR_BREAKPOINT)->ist = IST_PROBE;
	probe_fault_init();
	return 0;
}
