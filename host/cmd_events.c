/*
 * cmd_events.c: uio events: what happens in a unikernel, as it happens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/client.h"
#include "host/command.h"
#include "host/request.h"
#include "host/util.h"

static const struct option_def options[] = { OPTION_OUTPUT, { 0 } };

COMMAND(events, .synopsis = "NAME", .summary = "Show programs that start, end, fault or are refused, as it happens",
	.description =
		"One line for each event, or with -o json one JSON object a line, until the unikernel ends.",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

static void print_event(const struct msg_event *event, bool json)
{
	const char *key, *text;
	struct msg_iter it;
	cJSON *o = cJSON_CreateObject();
	char *line;

	cJSON_AddNumberToObject(o, "time_ns", (double)event->time_ns);
	cJSON_AddStringToObject(o, "event", event->name);
	line = xasprintf("%.6f %s", (double)event->time_ns / 1e9, event->name);
	msg_iter_start(&it, &event->values);
	while (msg_next_pair(&it, &key, &text)) {
		char *longer = xasprintf(strpbrk(text, " \t\"") ? "%s %s=\"%s\"" : "%s %s=%s", line, key, text);

		free(line);
		line = longer;
		cJSON_AddStringToObject(o, key, text);
	}
	if (json) {
		free(line);
		line = cJSON_PrintUnformatted(o);
	}
	text_clean(line); /* the guest chose the words */
	puts(line);
	free(line);
	cJSON_Delete(o);
	fflush(stdout);
}

static int cmd_events(const struct args *args)
{
	struct client *c = client_get(vm_get_running(args->operands[0]));
	uint32_t session = client_session(c);
	bool json = args_json(args);
	struct frame frame;
	char *text;
	int r = client_send(c, MSG_EVENTS, session, NULL, 0);

	while (r >= 0 && (r = client_receive(c, -1, &frame)) > 0) {
		struct msg_event event;

		if (frame.header.session != session)
			continue;
		if (frame.header.type == MSG_ERROR) {
			request_error(&frame, &text);
			die(EXIT_UIO, "%s", text);
		}
		if (frame.header.type == MSG_EVENT && msg_event_decode(frame.payload, frame.header.size, &event) == 0)
			print_event(&event, json);
		if (ferror(stdout))
			break;
	}
	return 0;
}
