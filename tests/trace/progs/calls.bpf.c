/* System calls of the application. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct enter {
	unsigned long common;
	long nr;
	unsigned long args[6];
};
struct leave {
	unsigned long common;
	long nr;
	long ret;
};

long entries, fd, nr, exits, bytes;

SEC("tracepoint/syscalls/sys_enter_writev") int before_writev(struct enter *e)
{
	entries++;
	fd = e->args[0];
	nr = e->nr;
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_writev") int after_writev(struct leave *l)
{
	exits++;
	bytes += l->ret;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
