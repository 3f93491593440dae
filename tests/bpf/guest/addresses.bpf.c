/* Variables that hold addresses of variables and strings. */
// RUN: run 02000000 = 107
#include "guest.h"
long counter = 7;
long *volatile to_counter = &counter;
static const char *const words[] = {"a", "bb", "cdd"};
SEC("syscall") int run(const unsigned *ctx)
{
	char text[8] = "";
	unsigned i = *ctx;
	long n = 0;

	if (i > 2)
		return -1;
	bpf_probe_read_kernel(&n, sizeof(n), to_counter);
	bpf_probe_read_kernel_str(text, sizeof(text), *(const char *const volatile *)&words[i]);
	return text[0] == 'c' ? n + text[1] : n;
}
