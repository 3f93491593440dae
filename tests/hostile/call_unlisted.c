/* call_unlisted.c: has `call=victim_add` and reaches for victim_secret, which it names without a relocation, by its gate
 * number. */
#include "hostile.h"

int victim_add(int a, int b);
__asm__(".weak victim_secret\n.pushsection .note.x\n.popsection");
int victim_secret(void) __attribute__((weak));

#define GATE_BASE 0x10000

int main(int argc, char **argv)
{
	printf("sum %d\n", victim_add(40, 2));
	fflush(stdout);
	for (int i = 0; i < 64; i++) {
		long r = syscall(GATE_BASE + i);

		if (r == 42)
			ESCAPED("gate %d called victim_secret", i);
	}
	/* Never: keeps the symbol in the file. */
	if (argc > 1000)
		return victim_secret();
	return hostile_escaped;
}
