/* standing.c: see standing.h. Only an interrupt or a fault leaves a thread in the middle of the code in question: a
 * call's return address is behind the call, and the instructions that a probe replaces end with the first call. Or in
 * the middle of instructions that are done elsewhere for a probe, and lead back. Their frames are on the thread's
 * stack, at most a signal handler and its calls deeper (linux/signal_app.c), or, the innermost, at the top of the stack
 * of interrupts or of the thread's preempt stack (arch/x86_64/entry.S). So every word of these stacks is looked at. Where
 * the stack cannot be told the answer is yes. */
#include "trace/standing.h"

#include "arch/x86_64/asm.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/fpu.h"
#include "arch/x86_64/mmu.h"
#include "kernel/entry.h"
#include "kernel/sched.h"
#include "kernel/vm_internal.h"
#include "trace/site.h"

#define LOOK_MAX (1u << 20) /* bytes of a stack */

extern const char ist_irq_top[];

/* Where the stack that rsp is in ends; 0: not known. */
static uint64_t stack_end(const struct thread *t, uint64_t rsp, uint64_t fs_base)
{
	uint64_t gate_end = t->gate_stack + GATE_STACK_PAGES * PAGE_SIZE;
	struct vm_area *a;

	if (rsp >= t->kstack_base && rsp < t->kstack_top)
		return t->kstack_top;
	if (t->gate_stack && rsp >= t->gate_stack && rsp < gate_end)
		return gate_end;
	/* A handler on its own stack hides the stack that it interrupted. */
	if (t->altstack_size && rsp - t->altstack_sp < t->altstack_size)
		return 0;
	a = vm_find(&app_vm, rsp);
	if (!a)
		return 0;
	/* musl's threads have their control block, to which FS points, at the end of their stack. */
	return fs_base > rsp && fs_base < a->end ? fs_base : a->end;
}

/* True for an address between the two, and in what is done elsewhere for a site around there, the place's own
 * breakpoint among them: a timer that falls due while the breakpoint is handled comes at the first of those
 * instructions. */
static bool leads_between(uint64_t ip, uint64_t from, uint64_t to)
{
	return (ip > from && ip < to) || site_leads_between(ip, from, to);
}

/* True if a word from at to end, of which pages may be missing, leads between the two. Counts in *looked. */
static bool any_leads_between(uint64_t at, uint64_t end, uint64_t from, uint64_t to, size_t *looked)
{
	struct pt pt = vm_tables(&app_vm);
	uint64_t pa;

	at = at / 8 * 8;
	while (at < end) {
		uint64_t next = MIN(PAGE_ALIGN_DOWN(at) + PAGE_SIZE, end);

		if (!(pt_lookup(&pt, at, &pa) & PTE_P)) {
			at = next;
			continue;
		}
		*looked += PAGE_SIZE;
		if (*looked > LOOK_MAX)
			return true;
		for (; at < next; at += 8)
			if (leads_between(*(const uint64_t *)at, from, to))
				return true;
	}
	return false;
}

static bool stands(const struct thread *t, uint64_t from, uint64_t to)
{
	const uint64_t tops[] = {(uint64_t)ist_irq_top, t->preempt_top};
	const uint64_t sizes[] = {IST_IRQ_SIZE, PREEMPT_STACK};
	bool runs = t == current();
	uint64_t at = runs ? (uint64_t)__builtin_frame_address(0) : t->rsp;
	uint64_t end, fs_base = runs ? arch_get_fs_base() : t->fs_base;
	size_t looked = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(tops); i++) {
		if (tops[i] - at - 1 >= sizes[i])
			continue;
		if (any_leads_between(at, tops[i], from, to, &looked))
			return true;
		at = ((const struct trap_frame *)(tops[i] - FRAME_SIZE))->rsp;
	}
	end = stack_end(t, at, fs_base);
	return !end || any_leads_between(at, end, from, to, &looked);
}

bool standing_between(uint64_t from, uint64_t to)
{
	struct thread *t;

	list_for_each (t, &thread_list, all_node)
		if (stands(t, from, to))
			return true;
	return false;
}
