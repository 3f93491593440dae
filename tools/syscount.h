/* syscount.h: what tools/syscount.bpf.c gathers for uio syscount and uio strace -c. */
#ifndef TOOLS_SYSCOUNT_H
#define TOOLS_SYSCOUNT_H

#define SYSCOUNT_MAX 512 /* numbers of system calls */

struct syscount {
	unsigned long calls;
	unsigned long ended; /* of these: came back */
	unsigned long errors;
	unsigned long total_ns, max_ns; /* of those that came back */
};

#endif
