/* No licence, no map, nothing. */
// RUN: run = 42
#include "guest.h"
SEC("syscall") int run(void *ctx)
{
	return 42;
}
