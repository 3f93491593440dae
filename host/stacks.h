/*
 * stacks.h: the reports of the tools that sum up by call chain (tools/stacks.h): folded lines, JSON, a flame graph.
 */
#ifndef HOST_STACKS_H
#define HOST_STACKS_H

#include "host/tool.h"

/* For the tool's table of options. */
#define STACKS_OPTIONS                                                                                \
	{0, "app", NULL, "only the application's frames, without the kernel's", NULL, COMPLETE_NONE}, \
	{                                                                                             \
		0, "svg", "FILE", "write a flame graph to FILE", NULL, COMPLETE_FILE                  \
	}

/* Before tool_load(): --app. */
void stacks_set(struct tool *t);

/*
 * Takes `program` off, reads the maps `sums` and `stacks`, and prints a line for each thread and chain, as
 * flamegraph.pl and speedscope read them: "thread;outermost;...;innermost 12", the amounts divided by `unit`. --svg
 * also writes the flame graph, with `title`; amounts are called `unit_name` there and in JSON.
 */
void stacks_report(struct tool *t, const char *program, uint64_t unit, const char *unit_name, const char *title);

#endif
