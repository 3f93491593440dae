/* jump.c ADDRESS: calls what is there. Kernel and application text are for ring 0, everything writable is not executable.
 * `jump self` jumps into its own data, `jump stack` onto its stack. */
#include "hostile.h"

static unsigned char code[64] = { 0xc3 }; /* ret */

int main(int argc, char **argv)
{
	volatile unsigned char local[64] = { 0xc3 };
	unsigned long at = number(argc, argv, 1);

	if (argc > 1 && !strcmp(argv[1], "self"))
		at = (unsigned long) code;
	if (argc > 1 && !strcmp(argv[1], "stack"))
		at = (unsigned long) local;
	((void (*)(void)) at)();
	ESCAPED("came back from 0x%lx", at);
	return 0;
}
