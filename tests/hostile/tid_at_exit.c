/* tid_at_exit.c ADDRESS: asks the kernel to write to the application's memory when a thread ends: the word of
 * set_tid_address(), the robust list, the words of clone(). None of it may happen. */
#include "hostile.h"

#include <sched.h>

struct robust {
	unsigned long next;
	long offset;
	unsigned long pending;
};

static char stack[16384] __attribute__((aligned(16)));

static int child(void *arg)
{
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long at = number(argc, argv, 1);
	struct robust head = { (unsigned long) &head, 0, 0 };

	if (fork() == 0) {
		syscall(SYS_set_tid_address, at);
		syscall(SYS_exit, 0);
	}
	wait(NULL);
	if (fork() == 0) {
		syscall(SYS_set_robust_list, at, 24);
		syscall(SYS_exit, 0);
	}
	wait(NULL);
	if (fork() == 0) {
		struct robust own = { at, 0, at };

		syscall(SYS_set_robust_list, &own, 24);
		syscall(SYS_exit_group, 0);
	}
	wait(NULL);
	for (long offset = -8; offset <= 8; offset += 8)
		if (fork() == 0) {
			/* An entry of its own whose futex lies elsewhere. */
			unsigned long entry[4] = { 0 };
			struct robust own = { (unsigned long) entry, (long) (at - (unsigned long) entry) + offset, 0 };

			entry[0] = (unsigned long) &own;
			syscall(SYS_set_robust_list, &own, 24);
			syscall(SYS_exit, 0);
		}
	while (wait(NULL) > 0)
		;
	clone(child, stack + sizeof(stack), CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL,
	      (void *) at, NULL, (void *) at);
	clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | CLONE_CHILD_CLEARTID | SIGCHLD, NULL, NULL, NULL, (void *) at);
	while (wait(NULL) > 0)
		;
	/* And when the whole program ends by a fault. */
	syscall(SYS_set_tid_address, at);
	syscall(SYS_set_robust_list, &head, 24);
	head.pending = at;
	*(volatile int *) 0 = 0;
	return 1;
}
