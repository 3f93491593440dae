/*
 * cmd_bpf_events.c: uio bpf events and uio bpf pin: objects that stay, and what they have to say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/bpf_follow.h"
#include "host/cmd_bpf.h"
#include "host/util.h"
#include "lib/num.h"

void bpf_print_event(const struct msg_event *row, void *arg)
{
	struct bpf_command *c = arg;

	if (strcmp(row->name, "print") == 0 && !c->json) {
		text_print(bpf_text(row, "text"), stdout);
		fflush(stdout);
	} else {
		bpf_print_row(row, &c->json);
	}
}

int bpf_cmd_events(struct bpf_command *c)
{
	const char *time = args_value(c->args, "for");
	uint64_t ns = 0;

	if (time && num_parse_duration(time, &ns) < 0)
		die(EXIT_UIO, "--for %s: a time, such as 10s", time);
	follow_signals();
	bpf_must(&c->call, bpf_print_event, c, "events", "object", c->operand_count > 0 ? c->operands[0] : NULL, NULL);
	follow(&c->call, c->call.session, time ? monotonic_ns() + ns : UINT64_MAX, bpf_print_event, c);
	return 0;
}

struct objects {
	bool json;
	char id[16], file[64], programs[512];
	unsigned count;
};

static void print_object(struct objects *o)
{
	cJSON *json;

	if (!o->id[0])
		return;
	if (!o->json) {
		printf("%6s %-32s %s\n", o->id, o->file, o->programs);
		return;
	}
	json = cJSON_CreateObject();
	cJSON_AddNumberToObject(json, "object", atoi(o->id));
	cJSON_AddStringToObject(json, "file", o->file);
	cJSON_AddStringToObject(json, "programs", o->programs);
	bpf_print_json(json);
}

/* Programs come object by object. */
static void on_program(const struct msg_event *row, void *arg)
{
	struct objects *o = arg;
	const char *name = bpf_text(row, "name");

	if (strcmp(row->name, "program") != 0 || !bpf_number(row, "pinned"))
		return;
	if (strcmp(bpf_text(row, "object"), o->id) != 0) {
		print_object(o);
		snprintf(o->id, sizeof(o->id), "%s", bpf_text(row, "object"));
		snprintf(o->file, sizeof(o->file), "%s", bpf_text(row, "file"));
		o->programs[0] = '\0';
	}
	if (strlen(o->programs) + strlen(name) + 2 < sizeof(o->programs)) {
		strcat(o->programs, o->programs[0] ? " " : "");
		strcat(o->programs, name);
	}
}

int bpf_cmd_pin(struct bpf_command *c)
{
	struct objects o = {.json = c->json};

	if (c->operand_count > 0) {
		bpf_must(&c->call, NULL, NULL, "pin", "object", c->operands[0], NULL);
		return 0;
	}
	if (!c->json)
		printf("%6s %-32s %s\n", "OBJECT", "FILE", "PROGRAMS");
	bpf_must(&c->call, on_program, &o, "list", NULL);
	print_object(&o);
	return 0;
}
