/* probe_fault.c: page faults of probes' own ways in (probe_entry.S). A jump and a return put some hundred bytes on the
 * interrupted stack, and the application may have used that up to its guard page, rightly. It is not to find out that
 * there is a probe: so that is then handled without the stack, as a breakpoint is. */
#include "arch/x86_64/asm.h"
#include "arch/x86_64/traps.h"
#include "bpf/ctx.h"
#include "overlay/part.h"
#include "trace/detour.h"
#include "trace/peek.h"
#include "trace/probe_fault.h"

#define CALL	  0xe8
#define CALL_SIZE 5

/* probe_entry.S: the instructions that touch the stack first and last. */
extern const char probe_jump[], probe_jumped_room[], probe_return_flags[], probe_returned_room[],
	probe_jump_stack_top[];
extern uint8_t probe_inside;

void probe_jumped(struct bpf_pt_regs *regs, struct site *s);
uint64_t probe_returned(struct bpf_pt_regs *regs);

/* What a detour's call returns to when the fault was in the call or in what it leads to; 0: it was not. *ret_used: the bytes
 * that are on the stack by then. */
static uint64_t detour_interrupted(const struct trap_frame *f, uint64_t *ret_used)
{
	const uint64_t *sp = (const uint64_t *)f->rsp;
	uint8_t code[CALL_SIZE];
	int32_t rel;

	if (f->rip == (uint64_t)probe_jump) {
		*ret_used = RED_ZONE + 8;
		return sp[0];
	}
	if (f->rip == (uint64_t)probe_jumped_room) {
		*ret_used = RED_ZONE + 16;
		return sp[1];
	}
	if (f->rip < PART_AREA || f->rip >= PART_END || peek(code, f->rip, sizeof(code)) < 0)
		return 0;
	memcpy(&rel, code + 1, sizeof(rel));
	if (code[0] != CALL || f->rip + CALL_SIZE + (uint64_t)(int64_t)rel != (uint64_t)probe_jump)
		return 0;
	*ret_used = RED_ZONE;
	return f->rip + CALL_SIZE;
}

struct work {
	struct bpf_pt_regs regs;
	struct site *site; /* null: a return */
};

static void run(void *arg)
{
	struct work *w = arg;

	if (w->site)
		probe_jumped(&w->regs, w->site);
	else
		probe_returned(&w->regs);
}

static void on_our_stack(struct work *w)
{
	if (probe_inside) {
		run(w);
		return;
	}
	probe_inside = 1;
	arch_call_on_stack((uint64_t)probe_jump_stack_top, run, w);
	probe_inside = 0;
}

/* For a page that cannot be brought in. True: the frame is behind the probe now. What ring 3 has on its stack is never looked
 * at: it can jump to these addresses, too, which faults. */
static bool probe_fault(struct trap_frame *f)
{
	bool returns = f->rip == (uint64_t)probe_return_flags || f->rip == (uint64_t)probe_returned_room;
	uint64_t used = 0, on = 0;
	struct work w = {0};

	if (f->vector != 14 || frame_from_user(f))
		return false;
	if (!returns) {
		on = detour_interrupted(f, &used);
		if (!on)
			return false;
		w.site = detour_site(on);
	}
	if (returns)
		used = f->rip == (uint64_t)probe_return_flags ? 8 : 16;
	f->rsp += used;
	memcpy(&w.regs, f, offsetof(struct bpf_pt_regs, orig_rax));
	memcpy(&w.regs.rip, &f->rip, 5 * sizeof(uint64_t));
	on_our_stack(&w);
	f->rip = returns ? w.regs.rip : on;
	return true;
}

void probe_fault_init(void)
{
	probe_fault_hook = probe_fault;
}
