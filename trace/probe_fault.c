/* probe_fault.c: page faults of probes' own ways in (probe_entry.S). A jump and a return put some hundred bytes on the
 * interrupted stack, and the application may have used that up to its guard page, rightly. It is not to find out that
 * there is a probe: so that is then handled without the stack, as a breakpoint is. */
#include "arch/x86_64/asm.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "bpf/ctx.h"
#include "overlay/part.h"
#include "trace/detour.h"
#include "trace/peek.h"

#define CALL	  0xe8
#define CALL_SIZE 5

/* probe_entry.S: the instructions that touch the stack first and last. */
extern const char probe_jump[], probe_jumped_room[], probe_return_flags[], probe_returned_room[];

void probe_jumped(struct bpf_pt_regs *regs, struct site *s);
uint64_t probe_returned(struct bpf_pt_regs *regs);

/* What a detour's call returns to when the fault was in the call or in what it leads to; 0: it was not. *ret_used: the bytes
 * that are on the stack by then. */
static uint64_t detour_interrupted(const struct bpf_pt_regs *regs, uint64_t *ret_used)
{
	const uint64_t *sp = (const uint64_t *)regs->rsp;
	uint8_t code[CALL_SIZE];
	int32_t rel;

	if (regs->rip == (uint64_t)probe_jump) {
		*ret_used = RED_ZONE + 8;
		return sp[0];
	}
	if (regs->rip == (uint64_t)probe_jumped_room) {
		*ret_used = RED_ZONE + 16;
		return sp[1];
	}
	if (regs->rip < PART_AREA || regs->rip >= PART_END || peek(code, regs->rip, sizeof(code)) < 0)
		return 0;
	memcpy(&rel, code + 1, sizeof(rel));
	if (code[0] != CALL || regs->rip + CALL_SIZE + (uint64_t)(int64_t)rel != (uint64_t)probe_jump)
		return 0;
	*ret_used = RED_ZONE;
	return regs->rip + CALL_SIZE;
}

/* From probe_entry.S: a fault of the loaded part, or of code that it made; orig_rax is the error code. True if it is dealt
 * with: the page that was missing is there now, or the registers are those behind the probe. */
bool probe_faulted(struct bpf_pt_regs *regs);
bool probe_faulted(struct bpf_pt_regs *regs)
{
	bool returns = regs->rip == (uint64_t)probe_return_flags || regs->rip == (uint64_t)probe_returned_room;
	uint64_t used = 0, on = returns ? 0 : detour_interrupted(regs, &used);

	if (!returns && !on)
		return false;
	if (fault_resolve(read_cr2(), regs->orig_rax) == 0)
		return true;
	regs->orig_rax = 0;
	if (returns) {
		regs->rsp += regs->rip == (uint64_t)probe_return_flags ? 8 : 16;
		probe_returned(regs);
		return true;
	}
	regs->rsp += used;
	probe_jumped(regs, detour_site(on));
	regs->rip = on;
	return true;
}
