/*
 * cmd_stats.c: uio stats: what unikernels, and the programs in them, use at the moment.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/command.h"
#include "host/sample.h"
#include "host/util.h"

#define FIRST_MS 500 /* between the two readings of the first sample */
#define NEXT_MS	 1000

static const struct option_def options[] = {
	{ 0, "no-stream", NULL, "show one sample and end; so it is anyway if standard output is no terminal", NULL,
	  COMPLETE_NONE },
	{ 'n', "samples", "N", "show N samples, one a second, and end", NULL, COMPLETE_NONE },
	{ 'p', "programs", NULL, "a row for the application and one for each program in the overlay", NULL,
	  COMPLETE_NONE },
	OPTION_OUTPUT,
	{ 0 },
};

COMMAND(stats, .synopsis = "[NAME...]", .summary = "Show what unikernels use: CPU, memory, network, files",
	.description =
		"A row for each unikernel that runs, or for those named: the shares of its one CPU that the "
		"application, the overlay and nobody had; used memory, of all that the guest manages; bytes and "
		"packets a second through its network device; bytes and operations a second on /host; programs in "
		"the overlay and established TCP connections. Rates are over the time since the sample before, the "
		"first over half a second. On a terminal the table is drawn anew each second until ^C. With -o json "
		"each sample is an object on a line of its own, with the guest's counters in `rows`.",
	.operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

struct table {
	struct sampler *all;
	size_t count;
};

static struct sampler *find(struct table *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->all[i].name, name) == 0)
			return &t->all[i];
	return NULL;
}

static void add(struct table *t, const char *name)
{
	if (find(t, name))
		return;
	t->all = xrealloc(t->all, (t->count + 1) * sizeof(*t->all));
	sampler_init(&t->all[t->count++], name);
}

/* All that run: new ones come, and those that have ended go. */
static void add_running(struct table *t)
{
	struct vm **all = vm_all();

	for (size_t i = 0; all[i]; i++) {
		if (all[i]->status == VM_RUNNING)
			add(t, all[i]->name);
		vm_free(all[i]);
	}
	free(all);
}

static void drop(struct table *t, size_t i)
{
	sampler_free(&t->all[i]);
	memmove(&t->all[i], &t->all[i + 1], (t->count - i - 1) * sizeof(*t->all));
	t->count--;
}

/* Reads all once more. What does not answer is told on stderr, but not while the terminal shows a table. */
static void read_all(struct table *t, bool tell)
{
	for (size_t i = 0; i < t->count;) {
		char *text = NULL;
		int r = sampler_read(&t->all[i], &text);

		if (r < 0 && tell)
			warn("%s", text);
		free(text);
		if (r < 0 && !t->all[i].before)
			drop(t, i);
		else
			i++;
	}
}

/* "1.2M": bytes or a count in four or five columns. */
static const char *compact(double value, unsigned step)
{
	static const char units[] = " kMGT";
	static char bufs[8][16];
	static unsigned next;
	char *buf = bufs[next++ % 8];
	size_t i = 0;

	while (value >= step * 0.9995 && i < 4) {
		value /= step;
		i++;
	}
	if (i == 0)
		snprintf(buf, 16, "%.0f", value);
	else
		snprintf(buf, 16, value >= 10 ? "%.0f%c" : "%.1f%c", value, units[i]);
	return buf;
}

static void print_rate(bool known, double bytes, double operations)
{
	printf(" %7s %6s", known ? compact(bytes, 1024) : "-", known ? compact(operations, 1000) : "-");
}

static void print_unikernels(const struct table *t, const char *end)
{
	printf("%-16s %7s %7s %7s %20s %7s %6s %7s %6s %7s %6s %7s %6s %8s %6s%s\n", "NAME", "APP", "OVERLAY", "IDLE",
	       "MEMORY / LIMIT", "RX B/s", "PKT/s", "TX B/s", "PKT/s", "9P RD/s", "OP/s", "9P WR/s", "OP/s", "PROGRAMS",
	       "CONNS", end);
	for (size_t i = 0; i < t->count; i++) {
		struct figures f;
		char memory[64];

		printf("%-16s ", t->all[i].name);
		if (!sampler_figures(&t->all[i], &f)) {
			printf("%7s %7s %7s %20s%s\n", "-", "-", "-", t->all[i].now ? "-" : "no answer", end);
			continue;
		}
		snprintf(memory, sizeof(memory), "%s / %s", human_size((uint64_t)f.memory_used),
			 human_size((uint64_t)f.memory_limit));
		printf("%6.1f%% %6.1f%% %6.1f%% %20s", f.app_percent, f.overlay_percent, f.idle_percent, memory);
		print_rate(f.network, f.rx_bytes, f.rx_packets);
		print_rate(f.network, f.tx_bytes, f.tx_packets);
		print_rate(true, f.read_bytes, f.reads);
		print_rate(true, f.write_bytes, f.writes);
		printf(" %8u", f.programs);
		if (f.network)
			printf(" %6u%s\n", f.connections, end);
		else
			printf(" %6s%s\n", "-", end);
	}
}

static void print_programs(const struct table *t, const char *end)
{
	printf("%-16s %6s  %-20s %7s %10s %10s %8s%s\n", "NAME", "PID", "PROGRAM", "CPU", "CPU TIME", "MEMORY",
	       "THREADS", end);
	for (size_t i = 0; i < t->count; i++) {
		const struct sampler *s = &t->all[i];
		const cJSON *row;

		cJSON_ArrayForEach(row, s->now) if (!row_is(row, "system"))
			printf("%-16s %6.0f  %-20s %6.1f%% %8.2f s %10s %8.0f%s\n", s->name, row_value(row, "pid"),
			       row_name(row), sampler_row_percent(s, row), row_value(row, "cpu_ns") / 1e9,
			       human_size((uint64_t)row_value(row, "memory_bytes")), row_value(row, "threads"), end);
	}
}

static void add_rounded(cJSON *o, const char *name, double value)
{
	cJSON_AddNumberToObject(o, name, round(value * 100) / 100);
}

static cJSON *figures_json(const struct sampler *s, const struct figures *f)
{
	cJSON *o = cJSON_CreateObject(), *rows = cJSON_Duplicate(s->now, true), *row;

	cJSON_AddStringToObject(o, "name", s->name);
	cJSON_AddStringToObject(o, "image", vm_string(s->vm, "image"));
	add_rounded(o, "app_cpu_percent", f->app_percent);
	add_rounded(o, "overlay_cpu_percent", f->overlay_percent);
	add_rounded(o, "idle_percent", f->idle_percent);
	cJSON_AddNumberToObject(o, "memory_used_bytes", f->memory_used);
	cJSON_AddNumberToObject(o, "memory_limit_bytes", f->memory_limit);
	if (f->network) {
		add_rounded(o, "rx_bytes_per_second", f->rx_bytes);
		add_rounded(o, "rx_packets_per_second", f->rx_packets);
		add_rounded(o, "tx_bytes_per_second", f->tx_bytes);
		add_rounded(o, "tx_packets_per_second", f->tx_packets);
		cJSON_AddNumberToObject(o, "connections", f->connections);
	}
	add_rounded(o, "9p_read_bytes_per_second", f->read_bytes);
	add_rounded(o, "9p_reads_per_second", f->reads);
	add_rounded(o, "9p_write_bytes_per_second", f->write_bytes);
	add_rounded(o, "9p_writes_per_second", f->writes);
	cJSON_AddNumberToObject(o, "programs", f->programs);
	add_rounded(o, "seconds", f->seconds);
	cJSON_ArrayForEach(row, rows) if (!row_is(row, "system"))
		add_rounded(row, "cpu_percent", sampler_row_percent(s, row));
	cJSON_AddItemToObject(o, "rows", rows);
	return o;
}

static void print_json(const struct table *t)
{
	cJSON *all = cJSON_CreateObject(), *list;
	struct timespec now;
	struct figures f;
	char *text;

	clock_gettime(CLOCK_REALTIME, &now);
	cJSON_AddNumberToObject(all, "time", (double)now.tv_sec + round((double)now.tv_nsec / 1e6) / 1e3);
	list = cJSON_AddArrayToObject(all, "unikernels");
	for (size_t i = 0; i < t->count; i++)
		if (sampler_figures(&t->all[i], &f))
			cJSON_AddItemToArray(list, figures_json(&t->all[i], &f));
	text = cJSON_PrintUnformatted(all);
	puts(text);
	cJSON_free(text);
	cJSON_Delete(all);
}

static int samples_wanted(const struct args *args, bool *ret_screen)
{
	const char *text = args_value(args, "samples");
	char *end;
	long n;

	*ret_screen = false;
	if (args_flag(args, "no-stream"))
		return 1;
	if (text) {
		n = strtol(text, &end, 10);
		if (*text < '0' || *text > '9' || *end || n < 1 || n > 1000000000)
			die(EXIT_UIO, "-n %s: it is a number of samples from 1 on", text);
		return (int)n;
	}
	if (!isatty(STDOUT_FILENO))
		return 1;
	*ret_screen = !args_json(args);
	return -1; /* until ^C */
}

static int cmd_stats(const struct args *args)
{
	bool json = args_json(args), screen;
	int left = samples_wanted(args, &screen), answered = 0;
	void (*print)(const struct table *, const char *) =
		args_flag(args, "programs") ? print_programs : print_unikernels;
	struct table t = { 0 };

	for (int i = 0; i < args->operand_count; i++) {
		vm_get_running(args->operands[i]);
		add(&t, args->operands[i]);
	}
	if (args->operand_count == 0)
		add_running(&t);
	read_all(&t, true);
	for (unsigned wait_ms = FIRST_MS; left != 0; wait_ms = NEXT_MS, left -= left > 0) {
		if (t.count > 0 || wait_ms == NEXT_MS)
			sleep_ms(wait_ms);
		if (args->operand_count == 0)
			add_running(&t);
		else if (t.count == 0)
			break;
		read_all(&t, !screen);
		answered = (int)t.count;
		if (screen)
			printf("\033[H");
		if (json)
			print_json(&t);
		else
			print(&t, screen ? "\033[K" : "");
		if (screen)
			printf("\033[J");
		if (fflush(stdout) != 0)
			return EXIT_UIO;
	}
	return args->operand_count > 0 && answered == 0;
}
