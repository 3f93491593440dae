/*
 * sample.c: see sample.h.
 */
#include "host/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/stats.h"
#include "host/util.h"

#define ANSWER_MS 3000

void sampler_init(struct sampler *s, const char *name)
{
	*s = (struct sampler){ .name = xstrdup(name) };
}

static void disconnect(struct sampler *s)
{
	if (s->client)
		client_close(s->client);
	s->client = NULL;
	vm_free(s->vm);
	s->vm = NULL;
}

void sampler_free(struct sampler *s)
{
	disconnect(s);
	cJSON_Delete(s->before);
	cJSON_Delete(s->now);
	free(s->name);
}

static int connect_guest(struct sampler *s, char **ret_text)
{
	int r = vm_load(s->name, &s->vm);

	if (r < 0 || s->vm->status != VM_RUNNING) {
		*ret_text = r < 0 ? xasprintf("no unikernel is named '%s'", s->name)
				  : xasprintf("'%s' does not run: %s", s->name, vm_status_text(s->vm));
		return -ENOENT;
	}
	return client_open(s->vm, ANSWER_MS, &s->client, ret_text);
}

int sampler_read(struct sampler *s, char **ret_text)
{
	int r = 0;

	cJSON_Delete(s->before);
	s->before = s->now;
	s->now = NULL;
	if (!s->client) {
		disconnect(s);
		r = connect_guest(s, ret_text);
	}
	if (r == 0)
		r = stats_get(s->client, &s->now, ret_text);
	if (r < 0 && s->client) {
		client_close(s->client);
		s->client = NULL;
	}
	return r;
}

double row_value(const cJSON *row, const char *name)
{
	const cJSON *item = cJSON_GetObjectItem(row, name);

	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

bool row_is(const cJSON *row, const char *subject)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(row, "subject"));

	return text && strcmp(text, subject) == 0;
}

const char *row_name(const cJSON *row)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(row, "name"));

	return text ? text : "";
}

static const cJSON *same_row(const cJSON *rows, const cJSON *row)
{
	const cJSON *other;

	cJSON_ArrayForEach(other, rows) if (row_value(other, "pid") == row_value(row, "pid")) return other;
	return NULL;
}

static const cJSON *system_row(const cJSON *rows)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows) if (row_is(row, "system")) return row;
	return NULL;
}

static double grown(const cJSON *before, const cJSON *now, const char *name)
{
	return row_value(now, name) - row_value(before, name);
}

bool sampler_figures(const struct sampler *s, struct figures *ret)
{
	const cJSON *a = system_row(s->before), *b = system_row(s->now), *row;
	struct figures f = { 0 };

	if (!a || !b)
		return false;
	f.seconds = grown(a, b, "uptime_ns") / 1e9;
	if (f.seconds <= 0) /* it was started anew */
		return false;
	f.app_percent = grown(a, b, "app_cpu_ns") / 1e7 / f.seconds;
	f.overlay_percent = grown(a, b, "overlay_cpu_ns") / 1e7 / f.seconds;
	f.idle_percent = grown(a, b, "idle_ns") / 1e7 / f.seconds;
	f.memory_limit = row_value(b, "memory_bytes");
	f.memory_used = f.memory_limit - row_value(b, "free_bytes");
	f.network = cJSON_HasObjectItem(b, "net_rx_bytes");
	f.rx_bytes = grown(a, b, "net_rx_bytes") / f.seconds;
	f.rx_packets = grown(a, b, "net_rx_packets") / f.seconds;
	f.tx_bytes = grown(a, b, "net_tx_bytes") / f.seconds;
	f.tx_packets = grown(a, b, "net_tx_packets") / f.seconds;
	f.connections = (unsigned)row_value(b, "connections");
	f.read_bytes = grown(a, b, "9p_read_bytes") / f.seconds;
	f.reads = grown(a, b, "9p_reads") / f.seconds;
	f.write_bytes = grown(a, b, "9p_write_bytes") / f.seconds;
	f.writes = grown(a, b, "9p_writes") / f.seconds;
	cJSON_ArrayForEach(row, s->now) f.programs += row_is(row, "program");
	*ret = f;
	return true;
}

double sampler_row_percent(const struct sampler *s, const cJSON *row)
{
	const cJSON *before = same_row(s->before, row);
	struct figures f;

	if (!before || !sampler_figures(s, &f))
		return 0;
	return grown(before, row, "cpu_ns") / 1e7 / f.seconds;
}
