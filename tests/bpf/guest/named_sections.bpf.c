/* .data.*, .rodata.*, .bss.*: a map each. */
// RUN: run = 111
#include "guest.h"
volatile int a SEC(".data.mine") = 1;
const volatile int b SEC(".rodata.mine") = 10;
volatile int c SEC(".bss.mine");
SEC("syscall") int run(void *ctx)
{
	c += 100;
	return a + b + c;
}
