/*
 * cmd_metrics.c: uio metrics: what the guests count, for Prometheus.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/command.h"
#include "host/metrics.h"
#include "host/util.h"

static const struct option_def options[] = {
	{ 0, "listen", "[ADDRESS:]PORT",
	  "answer HTTP's GET /metrics there until ^C; of 127.0.0.1 unless an address says else", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(metrics, .synopsis = "[NAME...]", .summary = "Print what guests count in Prometheus's text format",
	.description =
		"The counters of all unikernels that run, or of those named, labelled with name and image; programs of "
		"the overlay have rows of their own. One that does not answer has uio_up 0. Without --listen the text "
		"is printed once: for node_exporter's textfile collector, or a look. With --listen each request reads the "
		"guests anew; whoever reaches the port reads the figures, so think before it is not the loopback's.",
	.operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

/* A series must not be there twice. */
static bool is_named_before(const struct args *args, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(args->operands[k], args->operands[i]) == 0)
			return true;
	return false;
}

static char *read_all(void *context, size_t *ret_size)
{
	const struct args *args = context;
	struct vm **all = args->operand_count ? NULL : vm_all();
	struct sampler *samplers;
	size_t count = 0, n = (size_t)args->operand_count;
	char *text;

	while (all && all[n])
		n++;
	samplers = xcalloc(n + 1, sizeof(*samplers));
	for (size_t i = 0; i < n; i++)
		if (all ? all[i]->status == VM_RUNNING : !is_named_before(args, i))
			sampler_init(&samplers[count++], all ? all[i]->name : args->operands[i]);
	for (size_t i = 0; i < count; i++)
		if (sampler_read(&samplers[i], &text) < 0) {
			warn("%s", text);
			free(text);
		}
	text = metrics_text(samplers, count, ret_size);
	for (size_t i = 0; i < count; i++)
		sampler_free(&samplers[i]);
	free(samplers);
	for (size_t i = 0; all && all[i]; i++)
		vm_free(all[i]);
	free(all);
	return text;
}

static int cmd_metrics(const struct args *args)
{
	const char *where = args_value(args, "listen");
	size_t size;
	char *text;

	if (where)
		return metrics_serve(where, read_all, (void *)args);
	for (int i = 0; i < args->operand_count; i++)
		vm_get_running(args->operands[i]);
	text = read_all((void *)args, &size);
	fwrite(text, 1, size, stdout);
	free(text);
	return 0;
}
