/* syscall_counts.h: the counters of tools/syscount.bpf.c, read and put into order: for uio syscount and uio strace -c. */
#ifndef TOOLS_SYSCALL_COUNTS_H
#define TOOLS_SYSCALL_COUNTS_H

#include "host/tool.h"
#include "tools/syscount.h"

struct syscall_row {
	unsigned nr;
	struct syscount c;
};

struct syscall_counts {
	struct tool t;
	struct syscount now[SYSCOUNT_MAX], before[SYSCOUNT_MAX];
	struct syscall_row rows[SYSCOUNT_MAX]; /* what came since the last reading; sorted */
	size_t count;
	struct syscount sum;
};

enum syscall_order { ORDER_CALLS, ORDER_TIME, ORDER_ERRORS };

/* Loads the program and puts it on all system calls of the image. */
void syscall_counts_open(struct syscall_counts *s, const struct args *args);
void syscall_counts_read(struct syscall_counts *s, enum syscall_order order);

/* One line of JSON: the first `top` rows, or only those with errors. */
void syscall_counts_json(const struct syscall_counts *s, size_t top, bool failed);

/* The call's name; "syscall_NUMBER" in static storage if it has none. */
const char *syscall_text(unsigned nr);

#endif
