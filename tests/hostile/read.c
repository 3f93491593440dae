/* read.c ADDRESS: reads a byte there. Ends by a fault, unless it is the program's own or the grant `read` allows it. */
#include "hostile.h"

int main(int argc, char **argv)
{
	printf("read 0x%02x\n", *(volatile unsigned char *) number(argc, argv, 1));
	return 0;
}
