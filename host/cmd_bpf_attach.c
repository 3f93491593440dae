/*
 * cmd_bpf_attach.c: uio bpf attach and detach.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/bpf_follow.h"
#include "host/bpf_hook.h"
#include "host/cmd_bpf.h"
#include "host/tool.h"
#include "host/util.h"
#include "lib/num.h"

/* On the functions that the command names, or where their sections say. */
static void hook_all(struct bpf_command *c, struct bpf_loaded *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct bpf_loaded_program *p = &l->programs[i];

		if (bpf_on_event(p)) {
			bpf_hook_section(l, p);
			continue;
		}
		if (!bpf_on_functions(p))
			continue;
		if (c->operand_count > 1 && p->syscall == BPF_SYSCALL_NONE)
			for (int k = 1; k < c->operand_count; k++)
				bpf_hook_functions(l, p, c->operands[k]);
		else
			bpf_hook_section(l, p);
	}
	if (l->probes == 0)
		die(EXIT_UIO, "%s: no program that goes on a function or the network device", c->operands[0]);
}

static bool is_number(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text);
}

static int attached(const struct bpf_command *c, const struct bpf_loaded *l, const char *what, const char *id)
{
	cJSON *o;

	if (!c->json) {
		printf("%s %s: %u probe%s\n", what, id, l->probes, l->probes == 1 ? "" : "s");
		return 0;
	}
	o = cJSON_CreateObject();
	cJSON_AddNumberToObject(o, what, atoi(id));
	cJSON_AddNumberToObject(o, "probes", l->probes);
	bpf_print_json(o);
	return 0;
}

int bpf_cmd_attach(struct bpf_command *c)
{
	const char *what = c->operands[0], *time = args_value(c->args, "for");
	bool pin = args_flag(c->args, "pin");
	static struct bpf_loaded l;
	uint64_t ns = 0;

	if (time && num_parse_duration(time, &ns) < 0)
		die(EXIT_UIO, "--for %s: a time, such as 10s", time);
	l.hz = (unsigned)tool_number(c->args, "rate", 1, 10000, BPF_PLACE_HZ);
	bpf_symbols(&l, &c->call);
	if (is_number(what)) {
		/* It is somebody else's object, and stays as long as that. */
		bpf_find_loaded(&l, what);
		hook_all(c, &l);
		return attached(c, &l, "program", what);
	}
	follow_signals();
	bpf_load(&l, what, bpf_base_name(what), args_value(c->args, "program"));
	hook_all(c, &l);
	if (pin) {
		bpf_must(&c->call, NULL, NULL, "pin", "object", l.object, NULL);
		return attached(c, &l, "object", l.object);
	}
	warn("%u probe%s; ^C ends", l.probes, l.probes == 1 ? "" : "s");
	if (follow(&c->call, l.session, time ? monotonic_ns() + ns : UINT64_MAX, bpf_print_event, c) != FOLLOW_ENDED)
		follow_close(&c->call, l.session, bpf_print_event, c);
	return 0;
}

int bpf_cmd_detach(struct bpf_command *c)
{
	bpf_must(&c->call, NULL, NULL, "detach", "program", c->operands[0], NULL);
	return 0;
}
