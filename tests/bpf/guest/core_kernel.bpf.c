/* The kernel's types: the thread that runs the program. */
// RUN: run = 1
#include "guest.h"
struct thread {
	int tid;
	char name[16];
} __attribute__((preserve_access_index));
SEC("syscall") int run(void *ctx)
{
	struct thread *t = (void *)bpf_get_current_task();
	char name[16] = "", comm[16] = "";

	bpf_core_read(name, sizeof(name), &t->name);
	bpf_get_current_comm(comm, sizeof(comm));
	return BPF_CORE_READ(t, tid) == (int)bpf_get_current_pid_tgid() && comm[0] && name[0] == comm[0];
}
