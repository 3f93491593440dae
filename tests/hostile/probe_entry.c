/* probe_entry.c ADDRESS HIT: jumps into the kernel's ways in of probes with a stack that is forged for it: what a jump leaves
 * there, for a probed place of the program's own making, at which HIT, a function of the kernel's, would be called as a
 * program. The layouts are those of struct site, struct hook and struct trace_prog (trace/), as far as that needs. */
#include "hostile.h"

static uint64_t site[13], hook[14], prog[32], stack[256];
static unsigned char behind_call[64];

int main(int argc, char **argv)
{
	uint64_t at = number(argc, argv, 1);

	site[4] = (uint64_t) hook;
	site[6] = site[7] = (uint64_t) &site[6];
	hook[0] = (uint64_t) &site[4];
	hook[5] = (uint64_t) prog;
	*(int *) &hook[7] = -1;
	prog[14] = number(argc, argv, 2);
	*(uint64_t *) (behind_call + 32 - 18) = (uint64_t) site;
	/* Either place: what the flags are on top of, and what is on top. */
	stack[128] = stack[129] = (uint64_t) (behind_call + 32);
	__asm__ volatile("mov %0, %%rax; mov %1, %%rsp; jmp *%%rax" ::"r"(at), "r"(&stack[128]) : "rax", "memory");
	ESCAPED("came back from 0x%lx", at);
	return 0;
}
