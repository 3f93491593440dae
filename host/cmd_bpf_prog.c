/*
 * cmd_bpf_prog.c: uio bpf prog dump: a program's instructions as Linux's bpftool shows them, or its machine code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/disasm.h"
#include "host/cmd_bpf.h"
#include "host/util.h"

struct note {
	uint32_t key; /* instruction, or map's number */
	uint32_t id;
	char *text;
};

struct notes {
	struct note *list;
	size_t count;
};

struct dump {
	bool json;
	struct notes maps, functions, lines;
	uint8_t *code;
	size_t size;
	uint64_t address;
};

static void note_add(struct notes *n, uint32_t key, uint32_t id, const char *text)
{
	n->list = xrealloc(n->list, (n->count + 1) * sizeof(*n->list));
	n->list[n->count++] = (struct note){key, id, xstrdup(text)};
}

static const struct note *note_find(const struct notes *n, uint32_t key)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->list[i].key == key)
			return &n->list[i];
	return NULL;
}

static void notes_free(struct notes *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->list[i].text);
	free(n->list);
}

static void on_row(const struct msg_event *row, void *arg)
{
	uint32_t insn = (uint32_t)bpf_number(row, "insn");
	const char *hex = bpf_text(row, "bytes");
	struct dump *d = arg;

	if (strcmp(row->name, "map") == 0) {
		note_add(&d->maps, (uint32_t)bpf_number(row, "number"), (uint32_t)bpf_number(row, "id"),
			 bpf_text(row, "name"));
	} else if (strcmp(row->name, "function") == 0) {
		note_add(&d->functions, insn, 0, bpf_text(row, "name"));
	} else if (strcmp(row->name, "line") == 0) {
		note_add(&d->lines, insn, (uint32_t)bpf_number(row, "line"), bpf_text(row, "text"));
	} else if (strcmp(row->name, "code") == 0) {
		if (!d->size)
			d->address = bpf_number(row, "address");
		d->code = xrealloc(d->code, d->size + strlen(hex) / 2 + 1);
		d->size += bpf_bytes(hex, d->code + d->size, strlen(hex) / 2);
	}
}

static const char *map_name(void *arg, uint32_t number)
{
	const struct note *n = note_find(&((struct dump *)arg)->maps, number);
	static char text[32];

	if (!n)
		return NULL;
	snprintf(text, sizeof(text), "id:%u", n->id);
	return text;
}

static const char *function_name(void *arg, uint32_t insn)
{
	const struct note *n = note_find(&((struct dump *)arg)->functions, insn);

	return n ? n->text : NULL;
}

static void print_json(const struct dump *d, uint32_t at, const char *text, const uint8_t *bytes, size_t size)
{
	const struct note *line = note_find(&d->lines, at), *function = note_find(&d->functions, at);
	cJSON *o = cJSON_CreateObject();
	char hex[33];

	cJSON_AddNumberToObject(o, "insn", at);
	cJSON_AddStringToObject(o, "text", text);
	for (size_t i = 0; i < size && i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	cJSON_AddStringToObject(o, "bytes", hex);
	if (function)
		cJSON_AddStringToObject(o, "function", function->text);
	if (line && line->text[0])
		cJSON_AddStringToObject(o, "source", line->text + strspn(line->text, " \t"));
	bpf_print_json(o);
}

/* ...xlated: what the verifier made of the object's instructions. */
static void print_insns(struct dump *d)
{
	const struct bpf_disasm_names names = {map_name, function_name, d};
	const struct bpf_insn *insns = (const struct bpf_insn *)d->code;
	uint32_t count = (uint32_t)(d->size / sizeof(*insns));
	char text[256];

	for (uint32_t at = 0, n; at < count; at += n) {
		const struct note *line = note_find(&d->lines, at), *function = note_find(&d->functions, at);

		n = bpf_disasm(text, sizeof(text), insns, at, count, &names);
		if (d->json) {
			print_json(d, at, text, (const uint8_t *)&insns[at], n * sizeof(*insns));
			continue;
		}
		if (function)
			printf("%s%s:\n", at ? "\n" : "", function->text);
		if (line && line->text[0])
			printf("; %s\n", line->text + strspn(line->text, " \t"));
		printf("%4u: %s\n", at, text);
	}
}

static void print_hex(const struct dump *d)
{
	for (size_t at = 0; at < d->size; at += 16) {
		printf("%llx: ", (unsigned long long)(d->address + at));
		for (size_t i = at; i < at + 16 && i < d->size; i++)
			printf(" %02x", d->code[i]);
		putchar('\n');
	}
}

/* By objdump: false, and nothing is printed, if there is none. */
static bool print_objdump(const struct dump *d)
{
	int fd = memfd_create("jited", 0);
	char *command;
	bool done;

	if (fd < 0 || write_all(fd, d->code, d->size) < 0)
		return false;
	command = xasprintf("objdump -D -w -b binary -m i386:x86-64 --adjust-vma=%#llx /proc/self/fd/%d 2>/dev/null | "
			    "sed '1,/^0.*>:$/d'",
			    (unsigned long long)d->address, fd);
	fflush(stdout);
	done = access("/usr/bin/objdump", X_OK) == 0 && system(command) == 0;
	free(command);
	close(fd);
	return done;
}

static void print_code(const struct dump *d)
{
	char *hex;
	cJSON *o;

	if (!d->json) {
		if (!print_objdump(d))
			print_hex(d);
		return;
	}
	o = cJSON_CreateObject();
	hex = xcalloc(1, 2 * d->size + 1);
	for (size_t i = 0; i < d->size; i++)
		snprintf(hex + 2 * i, 3, "%02x", d->code[i]);
	cJSON_AddNumberToObject(o, "address", (double)d->address);
	cJSON_AddNumberToObject(o, "size", (double)d->size);
	cJSON_AddStringToObject(o, "bytes", hex);
	free(hex);
	bpf_print_json(o);
}

int bpf_cmd_prog(struct bpf_command *c)
{
	bool jited = args_flag(c->args, "jited");
	struct dump d = {.json = c->json};

	if (strcmp(c->operands[0], "dump") != 0)
		die(EXIT_UIO, "bpf prog %s: there is only 'prog dump'", c->operands[0]);
	bpf_must(&c->call, on_row, &d, "prog", "program", c->operands[1], "jited", jited ? "1" : NULL, NULL);
	if (jited)
		print_code(&d);
	else
		print_insns(&d);
	notes_free(&d.maps);
	notes_free(&d.functions);
	notes_free(&d.lines);
	free(d.code);
	return 0;
}
