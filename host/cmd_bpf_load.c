/*
 * cmd_bpf_load.c: uio bpf verify, load, exec.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd_bpf.h"
#include "host/util.h"

struct context {
	bool json;
	bool verify;
	uint32_t program; /* the only one's number; UINT32_MAX: there are several */
	uint32_t first;
	bool by_hand; /* the first one is run by exec */
	uint32_t object;
};

static void add_program(struct context *x, const struct msg_event *row)
{
	if (!x->program)
		x->first = (uint32_t)bpf_number(row, "id");
	if (!x->program)
		x->by_hand = strcmp(bpf_text(row, "type"), "31") == 0; /* BPF_PROG_TYPE_SYSCALL */
	x->program = x->program ? UINT32_MAX : x->first;
}

static void on_row(const struct msg_event *row, void *arg)
{
	struct context *x = arg;

	if (strcmp(row->name, "object") == 0)
		x->object = (uint32_t)bpf_number(row, "id");
	if (strcmp(row->name, "program") == 0)
		add_program(x, row);
	if (strcmp(row->name, "log") == 0 && !x->json)
		text_print(bpf_text(row, "text"), stdout);
	else if (x->json)
		bpf_print_row(row, &x->json);
	else if (strcmp(row->name, "refused") == 0)
		printf("%s: refused: %s\n", bpf_text(row, "name"), bpf_text(row, "text"));
	else if (strcmp(row->name, "object") == 0 && !x->verify)
		printf("object %s: %s, %s maps\n", bpf_text(row, "id"), bpf_text(row, "name"), bpf_text(row, "maps"));
	else if (strcmp(row->name, "program") == 0 && x->verify)
		printf("%s: accepted: %s instructions, %s simulated, %s states, %s bytes of stack\n",
		       bpf_text(row, "name"), bpf_text(row, "insns"), bpf_text(row, "steps"), bpf_text(row, "states"),
		       bpf_text(row, "stack_bytes"));
	else if (strcmp(row->name, "program") == 0)
		printf("program %s: %s, %s instructions, %s bytes compiled\n", bpf_text(row, "id"),
		       bpf_text(row, "name"), bpf_text(row, "insns"), bpf_text(row, "jited_bytes"));
}

static void load(struct bpf_command *c, struct context *x, const char *what, const char *pin)
{
	const char *file = c->operands[0];

	bpf_must(&c->call, on_row, x, what, "sha256", bpf_hash(&c->call, file), "name", bpf_base_name(file), "program",
		 args_value(c->args, "program"), "pin", pin, "verbose", args_flag(c->args, "verbose") ? "1" : NULL,
		 NULL);
}

int bpf_cmd_verify(struct bpf_command *c)
{
	struct context x = {.json = c->json, .verify = true};

	load(c, &x, "verify", NULL);
	return 0;
}

int bpf_cmd_load(struct bpf_command *c)
{
	struct context x = {.json = c->json};

	load(c, &x, "load", "1");
	if (!c->json)
		printf(x.by_hand ? "Nothing runs it yet: 'uio bpf exec %s %u' does\n"
				 : "Nothing runs it yet: 'uio bpf attach %s %u' puts the first program where its "
				   "section says\n",
		       c->call.vm->name, x.first);
	return 0;
}

/* Only keeps the number. */
static void on_quiet_row(const struct msg_event *row, void *arg)
{
	struct context *x = arg;

	if (strcmp(row->name, "program") == 0)
		x->program = x->program ? UINT32_MAX : (uint32_t)bpf_number(row, "id");
}

static void on_result(const struct msg_event *row, void *arg)
{
	struct context *x = arg;
	uint64_t r0 = bpf_number(row, "r0");

	if (x->json)
		bpf_print_row(row, &x->json);
	else
		printf("%lld\n", (long long)r0);
	if (!x->json && bpf_text(row, "context")[0])
		printf("%s\n", bpf_text(row, "context"));
}

int bpf_cmd_exec(struct bpf_command *c)
{
	struct context x = {.json = c->json};
	const char *what = c->operands[0];
	char id[16];

	if (strspn(what, "0123456789") == strlen(what)) {
		snprintf(id, sizeof(id), "%s", what);
	} else {
		bpf_must(&c->call, on_quiet_row, &x, "load", "sha256", bpf_hash(&c->call, what), "name",
			 bpf_base_name(what), "program", args_value(c->args, "program"), NULL);
		if (x.program == UINT32_MAX)
			die(EXIT_UIO, "%s has several programs: say which with --program", what);
		snprintf(id, sizeof(id), "%u", x.program);
	}
	bpf_must(&c->call, on_result, &x, "exec", "program", id, "context",
		 c->operand_count > 1 ? c->operands[1] : NULL, NULL);
	return 0;
}
