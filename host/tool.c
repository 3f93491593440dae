/*
 * tool.c: opening, setting, loading and placing a tool's program. See tool.h.
 */
#include "host/tool.h"

#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/bpf_follow.h"
#include "host/paths.h"
#include "host/util.h"
#include "lib/num.h"

#define DRAIN_NS (200 * NS_PER_MS) /* the guest looks at ring buffers more often */

/* Beside the binary in the build's tree, or in the installation's. */
static char *object_path(const char *name)
{
	static const char *const places[] = {"../lib/tools", "../lib/uio/tools"};
	const char *folder = getenv("UIO_BPF_TOOLS");
	char *path;

	if (folder && folder[0])
		return xasprintf("%s/%s.bpf.o", folder, name);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char *beside = beside_binary(places[i]);

		path = beside ? xasprintf("%s/%s.bpf.o", beside, name) : NULL;
		free(beside);
		if (path && access(path, R_OK) == 0)
			return path;
		free(path);
	}
	die(EXIT_UIO, "the eBPF program of '%s' is not built: 'make tools' builds it", name);
}

uint64_t tool_duration(const struct args *args, const char *name, uint64_t otherwise)
{
	const char *text = args_value(args, name);
	uint64_t ns;

	if (!text)
		return otherwise;
	if (num_parse_duration(text, &ns) < 0 || ns == 0)
		die(EXIT_UIO, "--%s %s: a time, such as 10s or 500ms", name, text);
	return ns;
}

uint64_t tool_number(const struct args *args, const char *name, uint64_t min, uint64_t max, uint64_t otherwise)
{
	const char *text = args_value(args, name);
	uint64_t n;

	if (!text)
		return otherwise;
	if (num_parse_u64(text, 0, &n) < 0 || n < min || n > max)
		die(EXIT_UIO, "--%s %s: a number from %llu to %llu", name, text, (unsigned long long)min,
		    (unsigned long long)max);
	return n;
}

void tool_open(struct tool *t, const struct args *args, const char *object)
{
	struct vm *vm = vm_get_running(args->operands[0]);
	char *path = object_path(object);
	int r;

	memset(t, 0, sizeof(*t));
	t->args = args;
	t->name = object;
	t->json = args_json(args);
	t->interval_ns = tool_duration(args, "interval", 0);
	tool_duration(args, "for", 0);
	r = file_read(path, &t->object, &t->object_size);
	if (r < 0)
		die(EXIT_UIO, "%s: %s", path, strerror(-r));
	free(path);
	t->call = (struct bpf_call){.vm = vm, .client = client_get(vm)};
	bpf_symbols(&t->loaded, &t->call);
}

static bool find_in_object(const struct tool *t, const char *name, struct tool_variable *ret)
{
	Elf *elf = (elf_version(EV_CURRENT), elf_memory(t->object, t->object_size));
	Elf_Scn *scn = NULL;
	bool found = false;
	GElf_Shdr shdr;
	size_t names;

	while (elf && elf_getshdrstrndx(elf, &names) == 0 && !found && (scn = elf_nextscn(elf, scn))) {
		Elf_Data *data;
		GElf_Sym sym;

		if (!gelf_getshdr(scn, &shdr) || shdr.sh_type != SHT_SYMTAB)
			continue;
		data = elf_getdata(scn, NULL);
		for (int i = 0; !found && data && gelf_getsym(data, i, &sym); i++) {
			const char *symbol = elf_strptr(elf, shdr.sh_link, sym.st_name);
			GElf_Shdr in;

			if (!symbol || strcmp(symbol, name) != 0 || GELF_ST_TYPE(sym.st_info) != STT_OBJECT ||
			    !gelf_getshdr(elf_getscn(elf, sym.st_shndx), &in))
				continue;
			found = true;
			ret->bytes = in.sh_type == SHT_PROGBITS ? t->object + in.sh_offset + sym.st_value : NULL;
			ret->size = sym.st_size;
			ret->offset = sym.st_value;
			snprintf(ret->section, sizeof(ret->section), "%s", elf_strptr(elf, names, in.sh_name));
		}
	}
	elf_end(elf);
	return found;
}

struct tool_variable tool_find_variable(const struct tool *t, const char *name)
{
	struct tool_variable v;

	if (!find_in_object(t, name, &v))
		die(EXIT_UIO, "%s.bpf.o has no variable '%s'", t->name, name);
	return v;
}

size_t tool_variable_size(const struct tool *t, const char *variable)
{
	return tool_find_variable(t, variable).size;
}

void tool_set_bytes(struct tool *t, const char *variable, const void *value, size_t size)
{
	struct tool_variable v = tool_find_variable(t, variable);

	if (size != v.size || !v.bytes)
		die(EXIT_UIO, "%s.bpf.o: '%s' has %zu bytes, not %zu", t->name, variable, v.size, size);
	memcpy(v.bytes, value, size);
}

void tool_set(struct tool *t, const char *variable, uint64_t value)
{
	size_t size = tool_variable_size(t, variable);

	/* Both are little endian. */
	tool_set_bytes(t, variable, &value, size < sizeof(value) ? size : sizeof(value));
}

static void on_row(const struct msg_event *row, void *arg)
{
	struct tool *t = arg;

	t->rows++;
	if (strcmp(row->name, "print") == 0) {
		if (t->print)
			t->print(t->context, bpf_text(row, "text"));
		else
			text_print(bpf_text(row, "text"), stderr);
	} else if (strcmp(row->name, "event") == 0) {
		static uint8_t data[4096] __attribute__((aligned(8)));
		size_t size = bpf_bytes(bpf_text(row, "data"), data, sizeof(data));

		t->lost = bpf_number(row, "lost");
		if (t->event)
			t->event(t->context, bpf_text(row, "name"), data, size);
	}
}

static void on_other(uint32_t session, const struct msg_event *row, void *arg)
{
	struct tool *t = arg;

	if (session == t->loaded.session)
		on_row(row, t);
}

void tool_load(struct tool *t, const char *only)
{
	/* A file of its own for these constants: the guest knows objects by their bytes. */
	int fd = memfd_create(t->name, MFD_CLOEXEC);
	char *path = xasprintf("/proc/self/fd/%d", fd);

	if (fd < 0 || write_all(fd, t->object, t->object_size) < 0)
		die(EXIT_UIO, "%s: %s", t->name, strerror(errno));
	t->call.other = on_other;
	t->call.other_context = t;
	follow_signals();
	bpf_load(&t->loaded, path, t->name, only);
	close(fd);
	free(path);
}

static const struct bpf_loaded_program *get_program(struct tool *t, const char *name)
{
	const struct bpf_loaded_program *p = bpf_program(&t->loaded, name);

	if (!p)
		die(EXIT_UIO, "%s.bpf.o has no program '%s'", t->name, name);
	return p;
}

unsigned tool_hook(struct tool *t, const char *program, const char *functions)
{
	return bpf_hook_functions(&t->loaded, get_program(t, program), functions);
}

unsigned tool_hook_section(struct tool *t, const char *program)
{
	return bpf_hook_section(&t->loaded, get_program(t, program));
}

unsigned tool_hook_syscalls(struct tool *t, const char *program, const bool *wanted, size_t count)
{
	return bpf_hook_syscalls(&t->loaded, get_program(t, program), wanted, count);
}

void tool_events(struct tool *t, void (*event)(void *context, const char *map, const void *data, size_t size),
		 void (*print)(void *context, const char *text), void *context)
{
	t->event = event;
	t->print = print;
	t->context = context;
}

static void start(struct tool *t)
{
	uint64_t ns = tool_duration(t->args, "for", 0);

	t->started_ns = t->next_ns = monotonic_ns();
	t->until_ns = ns ? t->started_ns + ns : UINT64_MAX;
}

bool tool_wait(struct tool *t)
{
	bool first = !t->started_ns;
	uint64_t at;

	fflush(stdout);
	if (t->over)
		return false;
	if (first)
		start(t);
	at = t->until_ns;
	if (t->interval_ns) {
		t->next_ns += t->interval_ns;
		at = t->next_ns < at ? t->next_ns : at;
	}
	t->over = follow(&t->call, t->loaded.session, at, on_row, t) != FOLLOW_TIME || at == t->until_ns;
	if (!first && !t->json)
		putchar('\n');
	return true;
}

double tool_seconds(const struct tool *t)
{
	return (double)(monotonic_ns() - t->started_ns) / 1e9;
}

void tool_drain(struct tool *t)
{
	uint64_t seen;

	for (size_t i = 0; i < t->loaded.count; i++)
		bpf_must(&t->call, NULL, NULL, "detach", "program", t->loaded.programs[i].id, NULL);
	do {
		seen = t->rows;
		follow_more(&t->call, t->loaded.session, monotonic_ns() + DRAIN_NS, on_row, t);
	} while (t->rows != seen);
}

void tool_close(struct tool *t)
{
	follow_close(&t->call, t->loaded.session, on_row, t);
	if (t->lost)
		warn("%llu events were lost: they came faster than they could be sent", (unsigned long long)t->lost);
	client_close(t->call.client);
	symbols_free(t->loaded.symbols);
	free(t->object);
	fflush(stdout);
}
