/* call_symbol.c: calls a function of the application's: with the grant `call` it works, without it is not loaded. */
#include "hostile.h"

int victim_add(int a, int b);

int main(void)
{
	printf("sum %d\n", victim_add(40, 2));
	return 0;
}
