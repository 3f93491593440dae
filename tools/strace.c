/*
 * strace.c: uio strace: the application's system calls as they happen, or a summary of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/syscalls.h"
#include "host/util.h"
#include "tools/strace_calls.h"
#include "tools/syscall_counts.h"

#define STRING_USUAL 32

static const struct option_def options[] = {
	{'c', "summary", NULL, "count time, calls and errors of each call, and report in the end", NULL, COMPLETE_NONE},
	{'e', "trace", "CALLS", "only these, separated by commas: open,read", NULL, COMPLETE_NONE},
	{'Z', "failed", NULL, "only calls that fail", NULL, COMPLETE_NONE},
	{'r', "relative", NULL, "the time since the first line before each call", NULL, COMPLETE_NONE},
	{'T', "time", NULL, "the time spent in each call", NULL, COMPLETE_NONE},
	{'s', "strings", "BYTES", "how much of data is shown, at most 128; usually 32", NULL, COMPLETE_NONE},
	TOOL_OPTION_FOR,
	OPTION_OUTPUT,
	{0},
};

COMMAND(strace, .synopsis = "NAME", .summary = "Show the application's system calls as they happen",
	.description =
		"A line for each call when it has come back, with its arguments, its result and the memory that its "
		"pointers lead to; -o json makes an object of it. Calls that have not come back in the end are "
		"shown as unfinished. Programs of the overlay are not shown. If the application makes more calls than "
		"the channel carries, the lost ones are counted.\n\n"
		"uio strace redis -e open,read,write -T\n\nuio strace redis -c --for 10s",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

struct strace {
	struct tool t;
	unsigned limit;
	bool relative, time, several;
	uint32_t tid;
	uint64_t first_ns;
};

static char *arg_text(const struct strace *s, const struct strace_event *e, const struct strace_call *c, unsigned i)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(EXIT_UIO, "out of memory");
	strace_print_arg(f, e, c, i, s->limit);
	fclose(f);
	return text;
}

static bool failed(const struct strace_event *e)
{
	return e->ret < 0 && e->ret >= -4095;
}

static void print_line(struct strace *s, const struct strace_event *e, const struct strace_call *c)
{
	if (!s->tid)
		s->tid = e->tid;
	s->several |= s->tid != e->tid;
	if (s->several)
		printf("[%u] ", e->tid);
	if (s->relative)
		printf("%12.6f ", ((double)e->start_ns - (double)s->first_ns) / 1e9);
	printf("%s(", syscall_text(e->nr));
	for (unsigned i = 0; i < strace_arg_count(e, c); i++) {
		if (i)
			fputs(", ", stdout);
		strace_print_arg(stdout, e, c, i, s->limit);
	}
	if (e->unfinished)
		printf(e->nr == 60 || e->nr == 231 ? ") = ?" : " <unfinished ...>");
	else if (failed(e))
		printf(") = -1 %s (%s)", strerrorname_np((int)-e->ret) ? strerrorname_np((int)-e->ret) : "?",
		       strerror((int)-e->ret));
	else
		printf(c && c->hex_result ? ") = %#lx" : ") = %ld", e->ret);
	if (s->time && !e->unfinished)
		printf(" <%.6f>", (double)e->ns / 1e9);
	putchar('\n');
	fflush(stdout);
}

static void print_json(struct strace *s, const struct strace_event *e, const struct strace_call *c)
{
	cJSON *o = cJSON_CreateObject(), *args;

	cJSON_AddNumberToObject(o, "time_ns", (double)e->start_ns);
	cJSON_AddNumberToObject(o, "tid", e->tid);
	cJSON_AddStringToObject(o, "syscall", syscall_text(e->nr));
	args = cJSON_AddArrayToObject(o, "args");
	for (unsigned i = 0; i < strace_arg_count(e, c); i++) {
		char *text = arg_text(s, e, c, i);

		cJSON_AddItemToArray(args, cJSON_CreateString(text));
		free(text);
	}
	if (!e->unfinished) {
		char ret[24];

		snprintf(ret, sizeof(ret), "%ld", e->ret);
		cJSON_AddItemToObject(o, "result", cJSON_CreateRaw(ret));
		if (failed(e))
			cJSON_AddStringToObject(o, "error",
						strerrorname_np((int)-e->ret) ? strerrorname_np((int)-e->ret) : "?");
		cJSON_AddNumberToObject(o, "duration_ns", (double)e->ns);
	}
	tool_json(o);
}

static void show(struct strace *s, const struct strace_event *e)
{
	const char *name = syscall_name(e->nr);
	const struct strace_call *c = name ? strace_call(name) : NULL;

	if (!s->first_ns)
		s->first_ns = e->start_ns;
	if (s->t.json)
		print_json(s, e, c);
	else
		print_line(s, e, c);
}

static void on_event(void *context, const char *map, const void *data, size_t size)
{
	struct strace_event e;

	if (strace_event_read(data, size, &e))
		show(context, &e);
}

static void on_unfinished(void *context, const void *key, size_t key_size, const void *value, size_t value_size)
{
	struct strace_event e;

	if (strace_event_read(value, value_size, &e) && e.unfinished)
		show(context, &e);
}

/* The calls that --trace names; all, without it. */
static void read_wanted(const struct args *args, bool wanted[STRACE_NUMBERS])
{
	const char *text = args_value(args, "trace");
	char *copy, *at, *word;
	int nr;

	memset(wanted, text == NULL, STRACE_NUMBERS);
	if (!text)
		return;
	at = copy = xstrdup(strncmp(text, "trace=", 6) == 0 ? text + 6 : text);
	while ((word = strsep(&at, ","))) {
		nr = syscall_number(word);
		if (nr < 0 || nr >= STRACE_NUMBERS)
			die(EXIT_UIO, "strace: there is no system call '%s'", word);
		wanted[nr] = true;
	}
	free(copy);
}

static void set_fetches(struct tool *t)
{
	static struct strace_fetch fetches[STRACE_NUMBERS][STRACE_SLOTS];

	for (unsigned nr = 0; nr < STRACE_NUMBERS; nr++) {
		const char *name = syscall_name(nr);
		const struct strace_call *c = name ? strace_call(name) : NULL;
		unsigned slot = 0;

		for (unsigned i = 0; c && i < 6 && slot < STRACE_SLOTS; i++) {
			struct strace_fetch f = strace_fetch_of(c->types[i], i);

			if (f.kind != STRACE_NOTHING)
				fetches[nr][slot++] = f;
		}
	}
	tool_set_bytes(t, "fetches", fetches, sizeof(fetches));
}

static int trace(const struct args *args)
{
	struct strace s = {.limit = (unsigned)tool_number(args, "strings", 0, STRACE_DATA, STRING_USUAL),
			   .relative = args_flag(args, "relative"),
			   .time = args_flag(args, "time")};
	bool wanted[STRACE_NUMBERS];

	read_wanted(args, wanted);
	tool_open(&s.t, args, "strace");
	set_fetches(&s.t);
	tool_set(&s.t, "failed_only", args_flag(args, "failed"));
	tool_events(&s.t, on_event, NULL, &s);
	tool_load(&s.t, NULL);
	tool_hook_syscalls(&s.t, "leave", wanted, STRACE_NUMBERS);
	if (tool_hook_syscalls(&s.t, "enter", wanted, STRACE_NUMBERS) == 0)
		die(EXIT_NOT_FOUND, "strace: the application has none of these system calls");
	warn("tracing %u system calls; ^C ends", s.t.loaded.probes / 2);
	while (tool_wait(&s.t))
		;
	tool_drain(&s.t);
	if (!args_flag(args, "failed"))
		tool_map(&s.t, "calls", on_unfinished, &s);
	tool_close(&s.t);
	return 0;
}

static void print_summary(const struct syscall_counts *s)
{
	static const char line[] = "------ ----------- ----------- --------- --------- ----------------";
	double all = (double)s->sum.total_ns;

	printf("%% time     seconds  usecs/call     calls    errors syscall\n%s\n", line);
	for (size_t i = 0; i < s->count; i++) {
		const struct syscount *c = &s->rows[i].c;

		printf("%6.2f %11.6f %11.0f %9lu ", all ? 100 * (double)c->total_ns / all : 0,
		       (double)c->total_ns / 1e9, c->ended ? (double)c->total_ns / 1e3 / (double)c->ended : 0,
		       c->calls);
		printf(c->errors ? "%9lu %s\n" : "%9.0lu %s\n", c->errors, syscall_text(s->rows[i].nr));
	}
	printf("%s\n%6.2f %11.6f %11.0f %9lu %9lu total\n", line, all ? 100.0 : 0, all / 1e9,
	       s->sum.ended ? all / 1e3 / (double)s->sum.ended : 0, s->sum.calls, s->sum.errors);
}

static int summary(const struct args *args)
{
	struct syscall_counts *s = xcalloc(1, sizeof(*s));

	syscall_counts_open(s, args);
	while (tool_wait(&s->t)) {
		syscall_counts_read(s, ORDER_TIME);
		if (s->t.json)
			syscall_counts_json(s, SYSCOUNT_MAX, false);
		else
			print_summary(s);
	}
	tool_close(&s->t);
	free(s);
	return 0;
}

static int cmd_strace(const struct args *args)
{
	return args_flag(args, "summary") ? summary(args) : trace(args);
}
