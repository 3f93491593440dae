/*
 * cmd_bpf.c: uio bpf: verified programs inside a running unikernel. Its subcommands are in the files cmd_bpf_*.c.
 */
#include "host/cmd_bpf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "host/util.h"

static const struct option_def options[] = {
	{0, "program", "PROGRAM", "of the object's programs only this one", NULL, COMPLETE_NONE},
	{0, "pin", NULL, "attach: leave everything in place when uio ends", NULL, COMPLETE_NONE},
	{0, "for", "TIME", "attach, events: end after this long, such as 10s; else on ^C", NULL, COMPLETE_NONE},
	{0, "rate", "HZ", "attach: how often perf_event programs run, 99 times a second if it is not given", NULL,
	 COMPLETE_NONE},
	{0, "verbose", NULL, "verify, load: what the verifier knows at each instruction", NULL, COMPLETE_NONE},
	{0, "jited", NULL, "prog dump: the machine code", NULL, COMPLETE_NONE},
	{0, "raw", NULL, "map dump: bytes in hexadecimal digits, also where there are types", NULL, COMPLETE_NONE},
	{0, "no-stream", NULL, "top: one look", NULL, COMPLETE_NONE},
	OPTION_OUTPUT,
	{0},
};

COMMAND(bpf, .synopsis = "SUBCOMMAND NAME [ARGUMENT...]", .summary = "Run verified eBPF programs inside a unikernel",
	.description =
		"Objects are what `clang -target bpf -O2 -g -c` makes. The guest reads, verifies and compiles them; "
		"nothing runs that its verifier has not accepted.\n\n"
		"verify NAME OBJECT: what the verifier says of each program; with --verbose its states, too.\n\n"
		"load NAME OBJECT: loads it to stay, until `unload NAME OBJECT-ID`, but puts it on nothing.\n\n"
		"exec NAME OBJECT|PROGRAM-ID [HEX]: runs a program of section \"syscall\" once, with these bytes as its "
		"argument, and prints what it returns.\n\n"
		"attach NAME OBJECT|PROGRAM-ID [FUNCTION...]: puts programs where their sections say, or kprobe and "
		"kretprobe programs on these functions (patterns with * and ? are allowed). Of an object it prints what "
		"the programs print and put into ring buffers, and takes all of it off in the end, or with --pin leaves "
		"it; a program that is loaded already stays.\n\n"
		"detach NAME PROGRAM-ID: takes it off everything. unload NAME OBJECT-ID: forgets an object.\n\n"
		"pin NAME [OBJECT-ID]: an object stays when its client goes; without a number lists those that do.\n\n"
		"events NAME [OBJECT-ID]: what programs of pinned objects print and put into ring buffers.\n\n"
		"list NAME: programs, their runs, time and misses; top NAME: the same each second, live.\n\n"
		"prog dump NAME PROGRAM-ID: its instructions, or with --jited the machine code (by objdump, if there is "
		"one).\n\n"
		"map list NAME, map dump NAME MAP-ID, map update NAME MAP-ID KEY VALUE, map delete NAME MAP-ID KEY: keys "
		"and values are hexadecimal digits in memory's order.",
	.operands_min = 2, .operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

static int cmd_unload(struct bpf_command *c)
{
	bpf_must(&c->call, NULL, NULL, "unload", "object", c->operands[0], NULL);
	return 0;
}

/* `group` is a word before NAME that some subcommands have behind them: prog dump, map list. */
static const struct {
	const char *name;
	bool group;
	int min, max;
	int (*run)(struct bpf_command *c);
} subcommands[] = {
	{"verify", false, 1, 1, bpf_cmd_verify},
	{"load", false, 1, 1, bpf_cmd_load},
	{"unload", false, 1, 1, cmd_unload},
	{"exec", false, 1, 2, bpf_cmd_exec},
	{"attach", false, 1, ANY_NUMBER, bpf_cmd_attach},
	{"detach", false, 1, 1, bpf_cmd_detach},
	{"pin", false, 0, 1, bpf_cmd_pin},
	{"events", false, 0, 1, bpf_cmd_events},
	{"top", false, 0, 0, bpf_cmd_top},
	{"list", false, 0, 0, bpf_cmd_list},
	{"prog", true, 2, 2, bpf_cmd_prog},
	{"map", true, 1, 4, bpf_cmd_map},
};

const char *bpf_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* True for text that is a number in JSON, too. */
static bool is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n < 16 && !text[n] && (text[0] != '0' || n == 1);
}

void bpf_print_json(cJSON *json)
{
	char *line = cJSON_PrintUnformatted(json);

	puts(line);
	fflush(stdout);
	cJSON_free(line);
	cJSON_Delete(json);
}

void bpf_print_row(const struct msg_event *row, void *json)
{
	const char *key, *text;
	cJSON *o = cJSON_CreateObject();
	struct msg_iter it;
	char *line;

	cJSON_AddStringToObject(o, "row", row->name);
	if (!*(bool *)json)
		printf("%s", row->name);
	msg_iter_start(&it, &row->values);
	while (msg_next_pair(&it, &key, &text)) {
		if (!*(bool *)json)
			printf(strpbrk(text, " \t\"") || !text[0] ? " %s=\"%s\"" : " %s=%s", key, text);
		else if (is_number(text) && strcmp(key, "key") != 0 && strcmp(key, "value") != 0 &&
			 strcmp(key, "bytes") != 0 && strcmp(key, "data") != 0)
			cJSON_AddNumberToObject(o, key, strtod(text, NULL));
		else
			cJSON_AddStringToObject(o, key, text);
	}
	if (*(bool *)json) {
		line = cJSON_PrintUnformatted(o);
		fputs(line, stdout);
		cJSON_free(line);
	}
	cJSON_Delete(o);
	putchar('\n');
	fflush(stdout);
}

static int cmd_bpf(const struct args *args)
{
	const char *name = args->operands[0];
	struct bpf_command c = {.args = args, .json = args_json(args)};
	struct vm *vm;
	int status;

	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		int skip = subcommands[i].group ? 3 : 2;

		if (strcmp(name, subcommands[i].name) != 0)
			continue;
		/* `prog dump NAME ...`: the second word goes first among the operands. */
		c.operands = args->operands + skip;
		c.operand_count = args->operand_count - skip;
		if (subcommands[i].group && c.operand_count >= 0) {
			vm = vm_get_running(args->operands[2]);
			args->operands[2] = args->operands[1];
			c.operands--;
			c.operand_count++;
		} else {
			vm = subcommands[i].group ? NULL : vm_get_running(args->operands[1]);
		}
		if (!vm || c.operand_count < subcommands[i].min || c.operand_count > subcommands[i].max)
			die(EXIT_UIO, "bpf %s: a wrong number of operands; see 'uio bpf --help'", name);
		c.call = (struct bpf_call){.vm = vm, .client = client_get(vm)};
		status = subcommands[i].run(&c);
		client_close(c.call.client);
		return status;
	}
	die(EXIT_UIO, "bpf %s: no such subcommand; see 'uio bpf --help'", name);
}
