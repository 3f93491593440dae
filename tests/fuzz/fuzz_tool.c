/*
 * fuzz_tool.c: what a guest sends to the tools (uio profile, funccount, strace and the others): maps of any name, keys
 * and values of any length and content, call chains that lead anywhere, records of system calls. Whole commands run on
 * it, on a tool.c and a connection of this file's own. They end, read nothing behind a key or a value, what they print
 * is text without control characters, and as JSON it is JSON.
 *
 * An input: which command, its options, how the guest behaves; then what it sends, as send_entries() and send_events()
 * read it.
 */
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tool.h"
#include "host/util.h"

#undef free /* the sources' is let_go(), by the compiler's command line */
void free(void *p);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void let_go(void *p);

#define HELD_MAX 65536
#define ROWS_MAX 3000

static const uint8_t *at;
static size_t left;
static unsigned how; /* options */
/* 1: it has no maps; 2: their rows are odd; 4: it goes at the third request; 8: a variable is longer than an integer;
 * 16: digits that are none. */
static unsigned guest;
static unsigned asked, rows;
static const char *of_argdist;
static jmp_buf end;

extern const struct command *const __start_uio_commands[], *const __stop_uio_commands[];

static uint64_t take(unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- && left) {
		v = v << 8 | *at++;
		left--;
	}
	return v;
}

/* What util.c has. A command that gives up leaves its memory behind, which this gives back. */

static void *held[HELD_MAX];
static size_t held_end, hole; /* hole: free, perhaps */

static void *hold(void *p)
{
	size_t i = hole < held_end && !held[hole] ? hole : held_end;

	if (!p || i == HELD_MAX)
		abort();
	held[i] = p;
	held_end += i == held_end;
	return p;
}

void let_go(void *p)
{
	for (size_t i = held_end; p && i-- > 0;)
		if (held[i] == p) {
			held[i] = NULL;
			hole = i;
			while (held_end && !held[held_end - 1])
				held_end--;
			break;
		}
	free(p);
}

static void let_all_go(void)
{
	while (held_end)
		free(held[--held_end]);
}

static void *hold_new(size_t size)
{
	return hold(malloc(size));
}

void *xcalloc(size_t count, size_t size)
{
	return hold(calloc(count, size));
}

void *xrealloc(void *old, size_t size)
{
	for (size_t i = 0; old && i < held_end; i++)
		if (held[i] == old)
			return held[i] = realloc(old, size);
	return hold(realloc(old, size));
}

char *xstrdup(const char *s)
{
	return hold(strdup(s));
}

char *xasprintf(const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		abort();
	va_end(ap);
	return hold(text);
}

void die(int status, const char *format, ...)
{
	longjmp(end, 1);
}

void warn(const char *format, ...)
{
}

uint64_t monotonic_ns(void)
{
	return 1;
}

static void must_be_text(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] != '\n' && ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)) {
			fprintf(stderr, "character %#x in what is printed\n", (unsigned char)text[i]);
			abort();
		}
}

/* The flame graph. */
int file_write(const char *path, const void *data, size_t size, mode_t mode)
{
	must_be_text(data, size);
	if (!(how & 128))
		return 0;
	hold((void *)data); /* the stream's, and nobody's after this */
	return -ENOSPC;
}

/* What args.c has. */

bool args_flag(const struct args *args, const char *name)
{
	static const char *const names[] = {"app", "histogram", "by-function", "latency", "summary"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return how & 2;
	return how & (strcmp(name, "failed") == 0 || strcmp(name, "milliseconds") == 0 ? 4 : 8);
}

const char *args_value(const struct args *args, const char *name)
{
	return strcmp(name, "svg") == 0 && how & 16 ? "x.svg" : NULL;
}

/* What tool.c has. */

uint64_t tool_duration(const struct args *args, const char *name, uint64_t otherwise)
{
	return otherwise;
}

uint64_t tool_number(const struct args *args, const char *name, uint64_t min, uint64_t max, uint64_t otherwise)
{
	return how & 32 ? min + 2 : otherwise;
}

void tool_open(struct tool *t, const struct args *args, const char *object)
{
	*t = (struct tool){.args = args, .name = object, .json = how & 1};
	snprintf(t->loaded.object, sizeof(t->loaded.object), "1");
	snprintf(t->loaded.programs[0].id, sizeof(t->loaded.programs[0].id), "1");
	t->loaded.count = 1;
	t->loaded.probes = 2;
}

struct tool_variable tool_find_variable(const struct tool *t, const char *name)
{
	/* The operator's own object says where it is; the guest's section may end before. */
	return (struct tool_variable){.size = guest & 8 ? 16 : 8, .offset = 8, .section = ".bss"};
}

void tool_set(struct tool *t, const char *variable, uint64_t value)
{
}

void tool_set_bytes(struct tool *t, const char *variable, const void *value, size_t size)
{
}

void tool_load(struct tool *t, const char *only)
{
}

unsigned tool_hook(struct tool *t, const char *program, const char *functions)
{
	return 1;
}

unsigned tool_hook_section(struct tool *t, const char *program)
{
	snprintf(t->loaded.programs[0].name, sizeof(t->loaded.programs[0].name), "%s", program);
	return 1;
}

unsigned tool_hook_syscalls(struct tool *t, const char *program, const bool *wanted, size_t count)
{
	return 1;
}

void tool_events(struct tool *t, void (*event)(void *context, const char *map, const void *data, size_t size),
		 void (*print)(void *context, const char *text), void *context)
{
	t->event = event;
	t->context = context;
}

static void send_events(struct tool *t)
{
	for (unsigned n = t->event ? (unsigned)take(1) & 15 : 0; n; n--) {
		size_t size = take(2) % 4097;
		uint8_t *data = hold_new(size);

		for (size_t i = 0; i < size; i++)
			data[i] = (uint8_t)take(1);
		t->event(t->context, "events", data, size);
		let_go(data);
	}
}

bool tool_wait(struct tool *t)
{
	if (t->over)
		return false;
	t->over = ++t->next_ns == 3 || !left;
	send_events(t);
	return true;
}

double tool_seconds(const struct tool *t)
{
	return 1;
}

void tool_drain(struct tool *t)
{
	send_events(t);
}

void tool_close(struct tool *t)
{
}

struct bpf_loaded_program *bpf_program(struct bpf_loaded *l, const char *name)
{
	return strcmp(l->programs[0].name, name) == 0 ? &l->programs[0] : NULL;
}

const char *vm_string(const struct vm *vm, const char *key)
{
	return "image";
}

/* Symbols: some, and those of the loaded part. */

static struct symbol list[] = {{"linux_read", NULL, 0x40000000, 64, 2, false}, {"main", NULL, 0x40000040, 64, 2, false},
			       {"uio_k_<&\">", NULL, 0x40000080, 8, 2, true},
			       {"part", NULL, 0x7c000000, 4096, 2, false}};

int symbols_load(const char *path, struct symbols **ret)
{
	static struct symbols part = {.list = &list[3], .count = 1};

	if (how & 64)
		return -ENOENT;
	*ret = &part;
	return 0;
}

void symbols_free(struct symbols *s)
{
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t address)
{
	struct symbols all = {.list = list, .count = 3};

	s = s ? s : &all;
	for (size_t i = 0; i < s->count; i++)
		if (address - s->list[i].address < s->list[i].size)
			return &s->list[i];
	return NULL;
}

int symbols_find(const struct symbols *s, const char *name, const struct symbol **ret_symbol, char **ret_text)
{
	return 0;
}

/* What bpf.c has. */

const char *bpf_text(const struct msg_event *row, const char *key)
{
	const char *k, *text;
	struct msg_iter it;

	msg_iter_start(&it, &row->values);
	while (msg_next_pair(&it, &k, &text))
		if (strcmp(k, key) == 0)
			return text;
	return "";
}

uint64_t bpf_number(const struct msg_event *row, const char *key)
{
	return strtoull(bpf_text(row, key), NULL, 10);
}

static unsigned digit(char c)
{
	const char *hex = "0123456789abcdef", *place = c ? strchr(hex, c) : NULL;

	return place ? (unsigned)(place - hex) : 16;
}

/* What is behind the bytes may not be looked at. */
size_t bpf_bytes(const char *hex, void *out, size_t size)
{
	uint8_t *to = out;
	size_t n = 0;

	ASAN_UNPOISON_MEMORY_REGION(out, size);
	for (; n < size && digit(hex[0]) < 16 && digit(hex[1]) < 16; hex += 2)
		to[n++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
	ASAN_POISON_MEMORY_REGION(to + n, size - n);
	return n;
}

static void send_row(bpf_row row, void *context, const char *name, ...)
{
	static char buf[4 * 65536];
	struct msg_event m = {.name = name};
	struct msg_list_builder b;
	const char *key;
	va_list ap;

	msg_list_start(&b, buf, sizeof(buf));
	va_start(ap, name);
	while ((key = va_arg(ap, const char *)))
		msg_list_add_pair(&b, key, va_arg(ap, const char *));
	va_end(ap);
	if (row && rows++ < ROWS_MAX && msg_list_finish(&b, &m.values) == 0)
		row(&m, context);
}

/* The next n bytes in digits; some are none. */
static const char *digits(size_t n)
{
	static char text[2][2 * 8192 + 2];
	static unsigned next;
	char *to = text[next++ % 2], *p = to;

	*p = '\0';
	for (; n; n--)
		p += sprintf(p, "%02x", (unsigned)take(1));
	if (guest & 16 && p > to)
		p[-1] = take(1) & 1 ? '\0' : 'z';
	return to;
}

/* Lengths of keys and values as the programs have them, or any. */
static size_t length(unsigned code)
{
	static const uint16_t usual[] = {4, 8, 16, 24, 40, 44, 64, 536, 1016, 360, 0, 512};

	return code < 128 ? usual[code % (sizeof(usual) / sizeof(usual[0]))] : take(2) % 8192;
}

static void send_entries(bpf_row row, void *context)
{
	for (unsigned n = (unsigned)take(1); n && left; n--) {
		unsigned code = (unsigned)take(1);
		const char *key = digits(length(code)), *value;

		value = digits(length((unsigned)take(1)));
		send_row(row, context, code == 127 ? "more" : "entry", "key", key, "value", value, NULL);
	}
}

static void send_maps(bpf_row row, void *context)
{
	static const char *const names[] = {"sums",  "stacks",	    "counts", "functions", "calls", "connections",
					    "values", "strings", "slots",  ".bss"};
	const char *id = guest & 2 ? "123456789012345678901234567890" : "1";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !(guest & 1); i++)
		send_row(row, context, "map", "object", guest & 2 && i % 2 ? "99999999999999999999" : "1", "name",
			 names[i], "id", id, "key_size", "99999999999999999999", "value_size", "-1", NULL);
}

void bpf_must(struct bpf_call *call, bpf_row row, void *context, const char *what, ...)
{
	if (guest & 4 && ++asked == 3)
		die(1, "the guest is gone");
	if (strcmp(what, "maps") == 0)
		send_maps(row, context);
	else if (strcmp(what, "map-dump") == 0)
		send_entries(row, context);
}

int bpf_request(struct bpf_call *call, bpf_row row, void *context, char **ret_text, const char *what, ...)
{
	*ret_text = xstrdup("refused");
	return take(1) & 1 ? -ENOENT : (let_go(*ret_text), 0);
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

static void run(void)
{
	static const char *const values[] = {"arg1", "ret:str", "arg2->8:ptr", "arg3:u16"};
	size_t count = (size_t)(__stop_uio_commands - __start_uio_commands);
	unsigned which = (unsigned)take(1);
	char *operands[] = {"a", "main", (char *)values[which >> 5 & 3], NULL};
	struct args args = {.operands = operands, .operand_count = 3};

	how = (unsigned)take(1);
	guest = (unsigned)take(1);
	/* No command takes a key out of a map yet. */
	if (which == 255) {
		static struct tool t;

		tool_open(&t, &args, "x");
		tool_map_delete(&t, "sums", at, left);
		return;
	}
	args.command = __start_uio_commands[which % 32 % count];
	args.command->run(&args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *volatile usual;
	char *text = NULL;
	size_t n = 0;

	if (!usual)
		cJSON_InitHooks(&(cJSON_Hooks){hold_new, let_go});
	usual = stdout;
	at = data;
	left = size;
	asked = rows = 0;
	stdout = open_memstream(&text, &n);
	if (setjmp(end) == 0)
		run();
	fclose(stdout);
	stdout = usual;
	must_be_text(text, n);
	if (how & 1)
		must_be_json(text);
	free(text);
	let_all_go();
	return 0;
}
