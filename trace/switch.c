/* switch.c: see switch.h. */
#include "trace/switch.h"

#include "kernel/sched.h"
#include "trace/insn.h"
#include "trace/probe.h"
#include "trace/site.h"

#define LINUX_TASK_INTERRUPTIBLE   1
#define LINUX_TASK_UNINTERRUPTIBLE 2
#define LINUX_TASK_DEAD		   0x80
#define SCHEDULE_MAX		   1024 /* bytes of schedule(), more than any compiler makes of it */

static const struct thread idle_thread = {.name = "swapper/0", .class = CLASS_OVERLAY, .state = THREAD_RUNNABLE};

extern const char arch_switch[];

static uint64_t linux_state(const struct thread *t)
{
	if (t->state == THREAD_RUNNABLE)
		return 0;
	if (t->state == THREAD_DEAD)
		return LINUX_TASK_DEAD;
	return t->interruptible ? LINUX_TASK_INTERRUPTIBLE : LINUX_TASK_UNINTERRUPTIBLE;
}

static void tell(struct trace_prog *p, const struct thread *prev, const struct thread *next, uint64_t function)
{
	struct switch_args args = {0, (uint64_t)prev, (uint64_t)next, 0};

	if (prev != &idle_thread) {
		args.prev_state = linux_state(prev);
		args.preempt = args.prev_state == 0;
	}
	trace_thread_override = prev;
	trace_run(p, &args, function);
	trace_thread_override = NULL;
}

void switch_hit(struct trace_prog *p, int where, struct bpf_pt_regs *regs)
{
	const struct thread *from = current(), *to = from;
	bool was_idle = p->told_idle;
	static struct bpf_pt_regs caller;

	/* arch_switch(&prev->rsp, next->rsp); next is current() already. To programs it happens in the function that
	 * calls, as what happens before a halt does: so a thread's wait is one call chain, whoever is next. */
	if (where == PROBE_SWITCH) {
		from = container_of((uint64_t *)regs->rdi, struct thread, rsp);
		caller = *regs;
		caller.rip = *(const uint64_t *)regs->rsp;
		caller.rsp += 8;
		trace_regs = &caller;
	}
	p->told_idle = where == PROBE_IDLE;
	if (where == PROBE_IDLE && !was_idle)
		tell(p, from, &idle_thread, regs->rip);
	else if (where != PROBE_IDLE && was_idle)
		tell(p, &idle_thread, to, regs->rip);
	else if (where == PROBE_SWITCH)
		tell(p, from, to, regs->rip);
	trace_regs = regs;
}

/* The instruction of schedule() before its "sti; hlt; cli": a probe between STI and HLT would let the interrupt that is
 * waited for pass before the halt. */
static int find_halt(uint32_t *ret)
{
	uint8_t code[16];

	for (uint32_t at = 0, before = 0; at < SCHEDULE_MAX;) {
		size_t n = site_original((uint64_t)schedule + at, code, sizeof(code));
		int length = insn_length(code, n);

		if (length < 0)
			break;
		if (n >= 3 && code[0] == 0xfb && code[1] == 0xf4 && code[2] == 0xfa) {
			*ret = before;
			return 0;
		}
		before = at;
		at += (uint32_t)length;
	}
	return -ENOENT;
}

int switch_attach(struct trace_prog *p)
{
	uint32_t halt;
	int r;

	if (p->verified.context_size > sizeof(struct switch_args))
		return -EACCES;
	if (!list_empty(&p->hooks))
		return -EEXIST;
	p->told_idle = false;
	r = find_halt(&halt);
	if (r == 0)
		r = probe_attach(p, (uint64_t)arch_switch, 0, false, PROBE_SWITCH, "sched_switch");
	if (r == 0)
		r = probe_attach(p, (uint64_t)schedule, halt, false, PROBE_IDLE, "sched_idle");
	if (r == 0)
		r = probe_attach(p, (uint64_t)schedule, 0, true, PROBE_SCHEDULED, "sched_switch");
	if (r < 0)
		probe_detach_all(p);
	return r;
}
