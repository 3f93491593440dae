/* Addresses of the application's variables and functions, of the kernel's and the C library's. */
// RUN: run = 31
#include "guest.h"
extern const int answer __ksym;
extern const void tick __ksym;
extern const void page_alloc __ksym;
extern const void nanosleep __ksym;
SEC("syscall") int run(void *ctx)
{
	int n = 0;

	bpf_probe_read_kernel(&n, sizeof(n), &answer);
	return (n == 42) | (&tick != 0) << 1 | (&page_alloc != 0) << 2 | (&nanosleep != 0) << 3 |
	       ((long)&tick < 0x80000000) << 4;
}
