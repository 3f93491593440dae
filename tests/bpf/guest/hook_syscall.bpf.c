/* Linux's record of a system call. */
// ATTACH: sleeps 20000000 ns
#include "guest.h"
struct enter {
	unsigned long common;
	long id;
	unsigned long args[6];
};
SEC("tracepoint/syscalls/sys_enter_nanosleep") int probe(struct enter *ctx)
{
	long request[2];

	if (bpf_probe_read_user(request, sizeof(request), (void *)ctx->args[0]) == 0)
		bpf_printk("sleeps %ld ns", request[1]);
	return 0;
}
