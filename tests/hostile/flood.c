/* flood.c: writes to its output without end. Its time limit ends it. */
#include "hostile.h"

int main(void)
{
	static char text[4096];

	memset(text, '.', sizeof(text));
	for (;;)
		write(1, text, sizeof(text));
}
