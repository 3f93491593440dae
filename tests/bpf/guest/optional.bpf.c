/* "?": only when it is asked for by its name. */
// RUN: - = 1
// RUN: maybe = 2
// NEVER: maybe: accepted
#include "guest.h"
SEC("syscall") int always(void *ctx)
{
	return 1;
}
SEC("?syscall") int maybe(void *ctx)
{
	return 2;
}
