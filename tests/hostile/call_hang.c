/* call_hang.c: calls a function of the application's that never returns: the gate gives up after some seconds. */
#include "hostile.h"

void victim_hang(void);

int main(void)
{
	victim_hang();
	ESCAPED("came back");
	return 0;
}
