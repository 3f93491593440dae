/* write.c ADDRESS: changes a byte there. Ends by a fault that names the missing grant, or says what the place is. */
#include "hostile.h"

int main(int argc, char **argv)
{
	volatile unsigned char *p = (volatile unsigned char *) number(argc, argv, 1);

	*p = 0x5a;
	ESCAPED("wrote to %p", (void *) p);
	return 0;
}
