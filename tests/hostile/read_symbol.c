/* read_symbol.c: names a variable of the application's, as any program may, but has not the grant `read`. */
#include "hostile.h"

extern const uint64_t victim_rodata[4];

int main(void)
{
	printf("rodata %lu\n", victim_rodata[3]);
	return 0;
}
