/*
 * profile.c: uio profile: where a unikernel's CPU time goes.
 */
#include "host/stacks.h"
#include "host/util.h"

static const struct option_def options[] = {
	{'F', "rate", "HZ", "samples a second of CPU time, 99 if it is not given", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	STACKS_OPTIONS,
	OPTION_OUTPUT,
	{0},
};

COMMAND(profile, .synopsis = "NAME", .summary = "Sample where a unikernel's CPU time goes",
	.description =
		"Looks by the clock at what runs, with its callers, and prints how often each call chain was seen: "
		"'thread;outermost;...;innermost 12', which flamegraph.pl and speedscope read; --svg writes a flame "
		"graph. While the CPU idles nothing is sampled. The kernel is not interrupted: time in a system call "
		"is found at its end, as time of linux_CALL.\n\n"
		"uio profile redis --for 10s --svg redis.svg",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

static int cmd_profile(const struct args *args)
{
	struct tool t;

	tool_open(&t, args, "profile");
	stacks_set(&t);
	t.loaded.hz = (unsigned)tool_number(args, "rate", 1, 10000, BPF_PLACE_HZ);
	tool_load(&t, NULL);
	tool_hook_section(&t, "on_clock");
	warn("sampling %u times a second; ^C ends", t.loaded.hz);
	while (tool_wait(&t))
		;
	stacks_report(&t, "on_clock", 1, "samples", args->operands[0]);
	tool_close(&t);
	return 0;
}
