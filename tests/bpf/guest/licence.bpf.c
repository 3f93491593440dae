/* A licence, under any variable's name. */
// RUN: run = 7
#include "guest.h"
SEC("syscall") int run(void *ctx)
{
	return 7;
}
char whatever[] SEC("license") = "BSD";
