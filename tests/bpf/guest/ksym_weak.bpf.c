/* Weak symbols: there, and not there. */
// RUN: run = 2
#include "guest.h"
extern const int answer __ksym __weak;
extern const int question __ksym __weak;
SEC("syscall") int run(void *ctx)
{
	return (&answer ? 2 : 0) + (&question ? 1 : 0);
}
