/* probe_read and its family: what is there, and what is not. */
// RUN: run = 127
#include "guest.h"
extern const char answer __ksym;
SEC("syscall") int run(void *ctx)
{
	char text[8] = "";
	int n = 0, r = 0, left = 1;

	r |= bpf_probe_read(&n, 4, &answer) == 0 && n == 42;
	n = 0;
	r |= (bpf_probe_read_kernel(&n, 4, &answer) == 0 && n == 42) << 1;
	n = 0;
	r |= (bpf_probe_read_user(&n, 4, &answer) == 0 && n == 42) << 2;
	r |= (bpf_probe_read_kernel(&left, 4, (void *)8) < 0 && left == 0) << 3;
	r |= (bpf_probe_read_kernel_str(text, 8, &answer) == 2 && text[0] == 42) << 4;
	r |= (bpf_probe_read_user_str(text, 8, &answer) == 2) << 5;
	r |= (bpf_probe_read_str(text, 8, (void *)0x7ffffffff000) < 0) << 6;
	return r;
}
