/* gate_forge.c: enters gates by number, without having any. */
#include "hostile.h"

int main(void)
{
	for (long i = 0; i < 5000; i++)
		if (!refused(syscall(0x10000 + i, 1, 2, 3, 4, 5, 6)))
			ESCAPED("gate %ld", i);
	for (int i = 20; i < 63; i++)
		if (!refused(syscall(0x10000 + (1L << i))) || !refused(syscall(0x10000 | 1L << 63)) || !refused(syscall(-1L)))
			ESCAPED("gate 1 << %d", i);
	return held("gates by number");
}
