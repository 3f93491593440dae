/* Several programs, of several sections and of one, each by its name. */
// RUN: first = 1
// RUN: second = 2
// RUN: third = 3
// VERIFY: probe: accepted
// VERIFY: other: accepted
#include "guest.h"
SEC("syscall") int first(void *ctx)
{
	return 1;
}
SEC("syscall") int second(void *ctx)
{
	return 2;
}
SEC("syscall") int third(void *ctx)
{
	return 3;
}
SEC("kprobe/tick") int probe(void *ctx)
{
	return 0;
}
SEC("kretprobe/tick") int other(void *ctx)
{
	return 0;
}
