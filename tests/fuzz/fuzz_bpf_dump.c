/*
 * fuzz_bpf_dump.c: what a guest answers to `uio bpf map dump`: types of its own, offsets of variables, keys and values, all of
 * which may lie. It ends, and what it prints as JSON is JSON.
 *
 * An input: how (1: as JSON, 2: raw, 4: also digits that are none), the types of key and value, the number of offsets and
 * those, the length of the types and those; then entries, each with the lengths of its key, its value, and more of the value.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/bpf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static void answer(struct bpf_call *call, bpf_row row, void *context, const char *what, ...);

/* Where what it prints can be looked at. */
static FILE *out;
#undef stdout
#define stdout	     out
#define putchar(c)   putc(c, out)
#define bpf_must     answer
#include "host/cmd_bpf_dump.c"
#undef bpf_must

#define PIECE 1024 /* bytes of types in a row, as the guest sends them */

static const uint8_t *at;
static size_t left;
static unsigned how;

/* What host/bpf.c is built with, and nothing here calls. */
char *bpf_image_types(const struct vm *vm)
{
	abort();
}

int bpf_image_add(const struct vm *vm, const char *object, struct msg_list_builder *list, char **ret_text)
{
	abort();
}

char *vm_socket(const struct vm *vm, const char *file)
{
	abort();
}

const char *vm_string(const struct vm *vm, const char *key)
{
	abort();
}

int vm_lock(const struct vm *vm, const char *file)
{
	abort();
}

int unix_connect(const char *path)
{
	abort();
}

void audit_note(const struct vm *vm, const char *event, ...)
{
	abort();
}

bool args_flag(const struct args *args, const char *name)
{
	return how & 2;
}

static unsigned number(unsigned bytes)
{
	unsigned v = 0;

	while (bytes-- && left) {
		v = v << 8 | *at++;
		left--;
	}
	return v;
}

/* The next n bytes in digits. */
static const char *digits(size_t n)
{
	static char text[4][2 * 65536 + 2];
	static unsigned next;
	char *to = text[next++ % 4], *end = to;

	n = n < left ? n : left;
	*end = '\0';
	for (; n; n--)
		end += sprintf(end, "%02x", number(1));
	if (how & 4 && end > to)
		strcpy(end - 1, number(1) & 1 ? "" : "\"z");
	return to;
}

static void send_row(bpf_row row, void *context, const char *name, const char *key1, const char *text1, const char *key2,
		     const char *text2)
{
	static char buf[4 * 65536 + 1000];
	struct msg_list_builder b;
	struct msg_event m = {.name = name};

	msg_list_start(&b, buf, sizeof(buf));
	msg_list_add_pair(&b, key1, text1);
	if (key2)
		msg_list_add_pair(&b, key2, text2);
	if (msg_list_finish(&b, &m.values) == 0)
		row(&m, context);
}

static void send_types(bpf_row row, void *context)
{
	char key[16], value[16];
	size_t n;

	sprintf(key, "%u", number(2));
	sprintf(value, "%u", number(2));
	send_row(row, context, "types", "key", key, "value", value);
	for (n = number(1); n; n--) {
		sprintf(value, "%u", number(2));
		send_row(row, context, "variable", "offset", value, NULL, NULL);
	}
	for (n = number(2); n && left; n -= n < PIECE ? n : PIECE)
		send_row(row, context, "btf", "data", digits(n < PIECE ? n : PIECE), NULL, NULL);
}

static void send_entries(bpf_row row, void *context)
{
	while (left) {
		unsigned key = number(1), value = number(2), rest = number(1);
		const char *k = digits(key);

		send_row(row, context, "entry", "key", k, "value", digits(value));
		if (rest)
			send_row(row, context, "more", "value", digits(rest), NULL, NULL);
	}
}

static void answer(struct bpf_call *call, bpf_row row, void *context, const char *what, ...)
{
	if (strcmp(what, "map-types") == 0)
		send_types(row, context);
	else
		send_entries(row, context);
}

static void must_be_json(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		cJSON *v = cJSON_Parse(line);

		if (!v) {
			fprintf(stderr, "no JSON: %s\n", line);
			abort();
		}
		cJSON_Delete(v);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_command c = {0};
	char *text;
	size_t n;

	at = data;
	left = size;
	how = number(1);
	c.json = how & 1;
	out = open_memstream(&text, &n);
	bpf_map_dump(&c, "1");
	fclose(out);
	if (c.json)
		must_be_json(text);
	free(text);
	return 0;
}
