/* call_crash.c: calls a function of the application's with a pointer that it faults on: the call ends the program. */
#include "hostile.h"

int victim_crash(int *p);

int main(void)
{
	victim_crash((int *) 8);
	ESCAPED("came back");
	return 0;
}
