/*
 * cmd_stats.c: uio stats: CPU and memory of unikernels and of the programs in them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/command.h"
#include "host/stats.h"
#include "host/util.h"

#define SAMPLE_MS	500
#define ANSWER_MS	5000

static const struct option_def options[] = {
	{ 0, "no-stream", NULL, "show one table and end; so it is anyway if standard output is no terminal", NULL,
	  COMPLETE_NONE },
	OPTION_OUTPUT,
	{ 0 },
};

COMMAND(stats, .synopsis = "[NAME...]", .summary = "Show what unikernels and the programs in them use",
	.description =
		"CPU is the share of the guest's one CPU over the last half second.",
	.operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

struct target {
	struct vm *vm;
	struct client *client;
	cJSON *before, *now;
	uint64_t taken_ns[2];
};

static double value(const cJSON *row, const char *name)
{
	const cJSON *item = cJSON_GetObjectItem(row, name);

	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* Connects when need be. Leaves now NULL if the guest cannot be asked. */
static void sample(struct target *t)
{
	char *text = NULL;

	cJSON_Delete(t->before);
	t->before = t->now;
	t->now = NULL;
	t->taken_ns[0] = t->taken_ns[1];
	if (!t->client && client_open(t->vm, ANSWER_MS, &t->client, &text) < 0)
		t->client = NULL;
	if (t->client && stats_get(t->client, &t->now, &text) < 0) {
		client_close(t->client);
		t->client = NULL;
		t->now = NULL;
	}
	if (text)
		warn("%s", text);
	free(text);
	t->taken_ns[1] = monotonic_ns();
}

static const cJSON *same_row(const cJSON *rows, const cJSON *row)
{
	const cJSON *other;

	cJSON_ArrayForEach(other, rows)
		if (value(other, "pid") == value(row, "pid"))
			return other;
	return NULL;
}

static double cpu_percent(const struct target *t, const cJSON *row)
{
	const cJSON *before = same_row(t->before, row);
	double passed = (double)(t->taken_ns[1] - t->taken_ns[0]);

	if (!before || passed <= 0)
		return 0;
	return 100 * (value(row, "cpu_ns") - value(before, "cpu_ns")) / passed;
}

static void print_table(const struct target *targets, int count)
{
	printf("%-16s %6s  %-20s %7s %10s %10s %8s\n", "NAME", "PID", "PROGRAM", "CPU", "CPU TIME", "MEMORY",
	       "THREADS");
	for (int i = 0; i < count; i++) {
		const cJSON *row;

		cJSON_ArrayForEach(row, targets[i].now) {
			const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(row, "name"));
			bool system = value(row, "pid") == 0;

			printf("%-16s %6.0f  %-20s ", targets[i].vm->name, value(row, "pid"), name ? name : "");
			if (system)
				printf("%7s %10s %10s %8s", "-", "-", human_size((uint64_t)value(row, "memory_bytes")),
				       "-");
			else
				printf("%6.1f%% %8.2f s %10s %8.0f", cpu_percent(&targets[i], row),
				       value(row, "cpu_ns") / 1e9, human_size((uint64_t)value(row, "memory_bytes")),
				       value(row, "threads"));
			printf("\n");
		}
	}
	fflush(stdout);
}

static void print_json(const struct target *targets, int count)
{
	cJSON *all = cJSON_CreateArray();

	for (int i = 0; i < count; i++) {
		cJSON *o = cJSON_CreateObject(), *row;

		cJSON_ArrayForEach(row, targets[i].now)
			cJSON_AddNumberToObject(row, "cpu_percent", cpu_percent(&targets[i], row));
		cJSON_AddStringToObject(o, "name", targets[i].vm->name);
		cJSON_AddItemToObject(o, "rows", targets[i].now ? cJSON_Duplicate(targets[i].now, true)
							       : cJSON_CreateArray());
		cJSON_AddItemToArray(all, o);
	}
	puts(cJSON_Print(all));
	cJSON_Delete(all);
}

static int targets_of(const struct args *args, struct target **ret_targets)
{
	struct vm **all;
	int count = 0, n = 0;

	if (args->operand_count > 0) {
		*ret_targets = xcalloc((size_t)args->operand_count, sizeof(**ret_targets));
		for (; count < args->operand_count; count++)
			(*ret_targets)[count].vm = vm_get_running(args->operands[count]);
		return count;
	}
	all = vm_all();
	while (all[n])
		n++;
	*ret_targets = xcalloc((size_t)n, sizeof(**ret_targets));
	for (int i = 0; i < n; i++)
		if (all[i]->status == VM_RUNNING)
			(*ret_targets)[count++].vm = all[i];
	return count;
}

static int cmd_stats(const struct args *args)
{
	bool json = args_json(args);
	bool stream = !json && !args_flag(args, "no-stream") && isatty(STDOUT_FILENO);
	struct target *targets;
	int count = targets_of(args, &targets), answered;

	for (int i = 0; i < count; i++)
		sample(&targets[i]);
	do {
		answered = 0;
		if (count > 0)
			sleep_ms(SAMPLE_MS);
		for (int i = 0; i < count; i++) {
			sample(&targets[i]);
			answered += targets[i].now != NULL;
		}
		if (stream)
			printf("\033[H\033[J");
		if (json)
			print_json(targets, count);
		else
			print_table(targets, count);
	} while (stream && answered > 0);
	return count > 0 && answered == 0;
}
