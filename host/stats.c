/*
 * stats.c: see stats.h.
 */
#include "host/stats.h"

#include <stdlib.h>

#include "host/request.h"
#include "host/util.h"
#include "proto/grants.h"

/* The guest chooses names and commands, and they go to a terminal. */
static void add_text(cJSON *o, const char *key, const char *value)
{
	char *text = xstrdup(value);

	text_clean(text);
	cJSON_AddStringToObject(o, key, text);
	free(text);
}

static void add_stats(const struct frame *frame, void *context)
{
	static const char *const subjects[] = { "system", "application", "program" };
	struct msg_stats_row row;
	struct msg_iter it;
	const char *name;
	uint64_t value;
	cJSON *o;

	if (frame->header.type != MSG_STATS_ROW || msg_stats_row_decode(frame->payload, frame->header.size, &row) < 0)
		return;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "subject", subjects[row.subject]);
	cJSON_AddNumberToObject(o, "pid", row.pid);
	add_text(o, "name", row.name);
	msg_iter_start(&it, &row.values);
	while (msg_next_number(&it, &name, &value))
		if (!cJSON_HasObjectItem(o, name))
			cJSON_AddNumberToObject(o, name, (double)value);
	cJSON_AddItemToArray(context, o);
}

static void add_process(const struct frame *frame, void *context)
{
	struct msg_ps_row row;
	char grants[64], state[2];
	cJSON *o;

	if (frame->header.type != MSG_PS_ROW || msg_ps_row_decode(frame->payload, frame->header.size, &row) < 0)
		return;
	o = cJSON_CreateObject();
	grants_format(row.grants, grants, sizeof(grants));
	state[0] = (char)row.state;
	state[1] = '\0';
	cJSON_AddNumberToObject(o, "pid", row.pid);
	cJSON_AddNumberToObject(o, "ppid", row.ppid);
	cJSON_AddNumberToObject(o, "pgid", row.pgid);
	cJSON_AddNumberToObject(o, "sid", row.sid);
	add_text(o, "state", state);
	cJSON_AddNumberToObject(o, "threads", row.threads);
	cJSON_AddStringToObject(o, "grants", row.pid == 1 ? "everything" : grants);
	cJSON_AddNumberToObject(o, "cpu_ns", (double)row.cpu_ns);
	cJSON_AddNumberToObject(o, "memory_bytes", (double)row.memory_bytes);
	cJSON_AddNumberToObject(o, "age_ns", (double)row.age_ns);
	add_text(o, "name", row.name);
	add_text(o, "command", row.command);
	cJSON_AddItemToArray(context, o);
}

static int rows(struct client *c, uint16_t type, request_row row, cJSON **ret_rows, char **ret_text)
{
	cJSON *list = cJSON_CreateArray();
	int r = request(c, type, NULL, 0, row, list, ret_text);

	if (r < 0)
		cJSON_Delete(list);
	else
		*ret_rows = list;
	return r;
}

int stats_get(struct client *c, cJSON **ret_rows, char **ret_text)
{
	return rows(c, MSG_STATS, add_stats, ret_rows, ret_text);
}

int processes_get(struct client *c, cJSON **ret_rows, char **ret_text)
{
	return rows(c, MSG_PS, add_process, ret_rows, ret_text);
}
