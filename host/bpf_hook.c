/*
 * bpf_hook.c: see bpf_hook.h.
 */
#include "host/bpf_hook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/place.h"
#include "host/command.h"
#include "host/image.h"
#include "host/util.h"

#define STT_FUNCTION 2

static uint64_t address_of(const struct symbols *symbols, const char *name)
{
	const struct symbol *s;
	char *text = NULL;
	int r = symbols_find(symbols, name, &s, &text);

	free(text);
	return r == 0 ? s->address : 0;
}

void bpf_symbols(struct bpf_loaded *l, struct bpf_call *call)
{
	const char *image = vm_string(call->vm, "image");
	char *path = image_symbols(image), *changed = image_changed(call->vm);

	l->call = call;
	if (changed)
		die(EXIT_UIO, "%s", changed);
	if (!path || symbols_load(path, &l->symbols) < 0)
		die(EXIT_UIO, "%s has no symbols", image);
	l->kernel_start = address_of(l->symbols, "__ktext_start");
	l->kernel_end = address_of(l->symbols, "__ktext_end");
	free(path);
}

/* Ends the program when the text means no place. */
static struct bpf_place place_of(const struct bpf_loaded_program *p, enum bpf_hook hook, const char *where)
{
	struct bpf_place place;
	char why[320];
	int r = bpf_place_of(hook, where, &place, why, sizeof(why));

	if (r < 0)
		die(r == -ENOENT ? EXIT_NOT_FOUND : EXIT_UIO, "%s: %s", p->name, why);
	return place;
}

/* Of a tracepoint: the function of the direct-call table, linux_read, or a pattern for the names of calls. */
static void set_syscall(struct bpf_loaded_program *p)
{
	struct bpf_place place = place_of(p, BPF_HOOK_TRACEPOINT, p->attach);

	p->at_return = place.at_return;
	p->syscall = place.kind == BPF_PLACE_CALL ? place.call : BPF_SYSCALL_ANY;
	snprintf(p->attach, sizeof(p->attach), "%s", place.name);
}

static void add_program(struct bpf_loaded *l, const struct msg_event *row)
{
	struct bpf_loaded_program *p = &l->programs[l->count];

	if (l->count == BPF_PROGRAMS_MAX)
		die(EXIT_UIO, "more than %d programs in one object", BPF_PROGRAMS_MAX);
	l->count++;
	snprintf(p->id, sizeof(p->id), "%s", bpf_text(row, "id"));
	snprintf(p->name, sizeof(p->name), "%s", bpf_text(row, "name"));
	snprintf(p->attach, sizeof(p->attach), "%s", bpf_text(row, "attach"));
	p->hook = bpf_number(row, "hook");
	p->at_return = p->hook == BPF_HOOK_KRETPROBE;
	p->syscall = BPF_SYSCALL_NONE;
	l->stacks |= bpf_number(row, "stacks") != 0;
	if (p->hook == BPF_HOOK_TRACEPOINT)
		set_syscall(p);
}

static void on_load(const struct msg_event *row, void *arg)
{
	struct bpf_loaded *l = arg;

	if (strcmp(row->name, "object") == 0)
		snprintf(l->object, sizeof(l->object), "%s", bpf_text(row, "id"));
	if (strcmp(row->name, "program") == 0)
		add_program(l, row);
}

void bpf_load(struct bpf_loaded *l, const char *file, const char *name, const char *only)
{
	bpf_must(l->call, on_load, l, "load", "sha256", bpf_hash(l->call, file), "name", name, "program", only, NULL);
	l->session = l->call->session;
	if (l->stacks)
		bpf_send_stacks(l);
}

struct wanted {
	struct bpf_loaded *l;
	const char *id;
};

static void on_list(const struct msg_event *row, void *arg)
{
	struct wanted *w = arg;

	if (strcmp(row->name, "program") == 0 && strcmp(bpf_text(row, "id"), w->id) == 0) {
		snprintf(w->l->object, sizeof(w->l->object), "%s", bpf_text(row, "object"));
		add_program(w->l, row);
	}
}

void bpf_find_loaded(struct bpf_loaded *l, const char *id)
{
	struct wanted w = {l, id};

	bpf_must(l->call, on_list, &w, "list", NULL);
	if (l->count == 0)
		die(1, "there is no program %s", id);
	if (l->stacks)
		bpf_send_stacks(l);
}

struct bpf_loaded_program *bpf_program(struct bpf_loaded *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->programs[i].name, name) == 0)
			return &l->programs[i];
	return NULL;
}

bool bpf_on_functions(const struct bpf_loaded_program *p)
{
	return p->hook == BPF_HOOK_KPROBE || p->hook == BPF_HOOK_KRETPROBE || p->syscall != BPF_SYSCALL_NONE;
}

bool bpf_on_event(const struct bpf_loaded_program *p)
{
	return p->hook == BPF_HOOK_PERF_EVENT || p->hook == BPF_HOOK_RAW_TRACEPOINT || p->hook == BPF_HOOK_XDP;
}

/* One function: 0, or a negative errno with *ret_text. */
static int probe(struct bpf_loaded *l, const struct bpf_loaded_program *p, const struct symbol *s, uint64_t offset,
		 int syscall, char **ret_text)
{
	char address[24], off[24], nr[16];
	int r;

	snprintf(address, sizeof(address), "%llu", (unsigned long long)s->address);
	snprintf(off, sizeof(off), "%llu", (unsigned long long)offset);
	snprintf(nr, sizeof(nr), "%d", syscall);
	r = bpf_request(l->call, NULL, NULL, ret_text, "probe", "program", p->id, "function", address, "offset", off,
			"return", p->at_return ? "1" : "0", "name", s->name, syscall >= 0 ? "syscall" : NULL, nr, NULL);
	l->probes += r == 0;
	return r;
}

static bool matches(const struct bpf_loaded *l, const struct symbol *s, const char *pattern)
{
	bool prefixed = strncmp(s->name, BPF_KERNEL_PREFIX, strlen(BPF_KERNEL_PREFIX)) == 0;
	bool kernel = prefixed || (s->address >= l->kernel_start && s->address < l->kernel_end);

	return s->type == STT_FUNCTION &&
	       bpf_place_matches(pattern, s->name + (prefixed ? strlen(BPF_KERNEL_PREFIX) : 0), kernel);
}

/* Each function once, though it may have several names. Those that cannot be stopped are left out, and counted. */
static void probe_pattern(struct bpf_loaded *l, const struct bpf_loaded_program *p, const char *pattern)
{
	unsigned before = l->probes, left_out = 0;
	uint64_t last = 0;
	char *text;

	for (size_t i = 0; i < l->symbols->count; i++) {
		const struct symbol *s = &l->symbols->list[i];

		if (s->address == last || !matches(l, s, pattern))
			continue;
		last = s->address;
		if (probe(l, p, s, 0, p->syscall, &text) < 0) {
			left_out++;
			free(text);
		}
	}
	if (l->probes == before)
		die(EXIT_NOT_FOUND, "%s: no function of the image matches '%s'%s", p->name, pattern,
		    left_out ? " and can be probed" : "");
	if (left_out)
		warn("%s: %u functions that match '%s' cannot be probed", p->name, left_out, pattern);
}

/* The functions of the direct-call table that this image has, of the calls that the pattern matches. */
unsigned bpf_hook_syscalls(struct bpf_loaded *l, const struct bpf_loaded_program *p, const bool *wanted, size_t count)
{
	unsigned before = l->probes;
	uint64_t last = 0;
	char *text;

	for (size_t i = 0; i < l->symbols->count; i++) {
		const struct symbol *s = &l->symbols->list[i];
		int nr = s->type == STT_FUNCTION ? bpf_place_call(p->attach, s->name) : -1;

		if (nr < 0 || s->address == last || (wanted && ((size_t)nr >= count || !wanted[nr])))
			continue;
		last = s->address;
		if (probe(l, p, s, 0, nr, &text) < 0) {
			warn("%s", text);
			free(text);
		}
	}
	if (l->probes == before && !wanted)
		die(EXIT_NOT_FOUND, "%s: the application makes no system call that matches '%s'", p->name, p->attach);
	return l->probes - before;
}

/* A kernel function may be called by the name of its source. */
static void probe_name(struct bpf_loaded *l, const struct bpf_loaded_program *p, const struct bpf_place *at)
{
	char *text = NULL, *kernel;
	const struct symbol *s;
	int r = symbols_find(l->symbols, at->name, &s, &text);

	if (r == -ENOENT) {
		kernel = xasprintf(BPF_KERNEL_PREFIX "%s", at->name);
		r = symbols_find(l->symbols, kernel, &s, &text);
		free(kernel);
	}
	if (r == -EEXIST)
		die(EXIT_NOT_FOUND, "%s: there are several functions '%s', in %s", p->name, at->name, text);
	if (r < 0)
		die(EXIT_NOT_FOUND, "%s: there is no function '%s'", p->name, at->name);
	if (s->type != STT_FUNCTION)
		die(EXIT_NOT_FOUND, "%s: '%s' is no function", p->name, at->name);
	if (s->size && at->offset >= s->size)
		die(EXIT_UIO, "%s: %s has %llu bytes", p->name, at->name, (unsigned long long)s->size);
	r = probe(l, p, s, at->offset, p->syscall, &text);
	if (r < 0)
		die(1, "%s", text && text[0] ? text : strerror(-r));
}

unsigned bpf_hook_functions(struct bpf_loaded *l, const struct bpf_loaded_program *p, const char *where)
{
	struct bpf_place at = place_of(p, p->at_return ? BPF_HOOK_KRETPROBE : BPF_HOOK_KPROBE, where);
	unsigned before = l->probes;

	if (at.kind == BPF_PLACE_FUNCTIONS)
		probe_pattern(l, p, at.name);
	else
		probe_name(l, p, &at);
	return l->probes - before;
}

unsigned bpf_hook_section(struct bpf_loaded *l, const struct bpf_loaded_program *p)
{
	unsigned before = l->probes;

	if (p->hook == BPF_HOOK_PERF_EVENT)
		return bpf_hook_clock(l, p, l->hz ? l->hz : BPF_PLACE_HZ);
	if (p->hook == BPF_HOOK_RAW_TRACEPOINT)
		return bpf_hook_switch(l, p);
	if (p->hook == BPF_HOOK_XDP) {
		bpf_must(l->call, NULL, NULL, "xdp", "program", p->id, NULL);
		return ++l->probes - before;
	}
	if (p->syscall == BPF_SYSCALL_ANY)
		bpf_hook_syscalls(l, p, NULL, 0);
	else if (p->attach[0])
		bpf_hook_functions(l, p, p->attach);
	else
		die(EXIT_UIO, "%s: its section names no function: say on which", p->name);
	return l->probes - before;
}
