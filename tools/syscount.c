/*
 * syscount.c: uio syscount: which system calls the application makes, how often, and how long they take.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/util.h"
#include "tools/syscall_counts.h"

static const struct option_def options[] = {
	{'L', "latency", NULL, "with the time spent in them, and in its order", NULL, COMPLETE_NONE},
	{'x', "failed", NULL, "only those that failed", NULL, COMPLETE_NONE},
	{'T', "top", "N", "only the first N", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	TOOL_OPTION_INTERVAL,
	OPTION_OUTPUT,
	{0},
};

COMMAND(syscount, .synopsis = "NAME", .summary = "Count the application's system calls",
	.description = "Calls are counted when they begin; times and errors are those of calls that came back. "
		       "Programs of the overlay are not counted.\n\n"
		       "uio syscount redis -L -i 1s",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

struct form {
	bool latency, failed;
	uint64_t top;
};

static uint64_t count_of(const struct syscount *c, const struct form *f)
{
	return f->failed ? c->errors : c->calls;
}

static void print_table(const struct syscall_counts *s, const struct form *f)
{
	printf("%-24s %10s", "SYSCALL", f->failed ? "ERRORS" : "COUNT");
	printf(f->latency ? " %14s %12s %12s\n" : "\n", "TIME (us)", "AVERAGE (us)", "MOST (us)");
	for (size_t i = 0; i < s->count && i < f->top; i++) {
		const struct syscount *c = &s->rows[i].c;

		if (f->failed && !c->errors)
			continue;
		printf("%-24s %10llu", syscall_text(s->rows[i].nr), (unsigned long long)count_of(c, f));
		if (f->latency)
			printf(" %14.3f %12.3f %12.3f", (double)c->total_ns / 1e3,
			       c->ended ? (double)c->total_ns / 1e3 / (double)c->ended : 0, (double)c->max_ns / 1e3);
		putchar('\n');
	}
}

static int cmd_syscount(const struct args *args)
{
	struct syscall_counts *s = xcalloc(1, sizeof(*s));
	struct form f = {args_flag(args, "latency"), args_flag(args, "failed"),
			 tool_number(args, "top", 1, SYSCOUNT_MAX, SYSCOUNT_MAX)};

	syscall_counts_open(s, args);
	while (tool_wait(&s->t)) {
		syscall_counts_read(s, f.failed ? ORDER_ERRORS : f.latency ? ORDER_TIME : ORDER_CALLS);
		if (s->t.json)
			syscall_counts_json(s, f.top, f.failed);
		else
			print_table(s, &f);
	}
	tool_close(&s->t);
	free(s);
	return 0;
}
