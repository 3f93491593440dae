/*
 * offcputime.c: uio offcputime: where a unikernel's threads wait.
 */
#include "host/stacks.h"
#include "host/util.h"

static const struct option_def options[] = {
	{'m', "min", "TIME", "leave shorter waits out, such as 1ms", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	STACKS_OPTIONS,
	OPTION_OUTPUT,
	{0},
};

COMMAND(offcputime, .synopsis = "NAME", .summary = "Sum up where a unikernel's threads wait",
	.description =
		"Each time a thread gives the CPU away, its call chain is noted, and the time until it has the CPU "
		"again is added to that. Prints microseconds: 'thread;outermost;...;innermost 1234'; --svg writes "
		"them as a flame graph. Waits that have not ended count from the next time on.\n\n"
		"uio offcputime redis --for 10s --app",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

static int cmd_offcputime(const struct args *args)
{
	struct tool t;

	tool_open(&t, args, "offcputime");
	stacks_set(&t);
	tool_set(&t, "min_ns", tool_duration(args, "min", 0));
	tool_load(&t, NULL);
	tool_hook_section(&t, "on_switch");
	warn("summing up; ^C ends");
	while (tool_wait(&t))
		;
	stacks_report(&t, "on_switch", 1000, "us", args->operands[0]);
	tool_close(&t);
	return 0;
}
