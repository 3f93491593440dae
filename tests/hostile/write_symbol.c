/* write_symbol.c: writes to a variable of the application's that it names. */
#include "hostile.h"

extern uint64_t victim_data[];

int main(void)
{
	victim_data[7] = 0;
	ESCAPED("wrote to victim_data");
	return 0;
}
