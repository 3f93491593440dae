/*
 * cmd_bpf_attach.c: uio bpf attach and detach: which functions a program goes on is found here, in the image's symbols;
 * the guest has none.
 */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/object.h"
#include "host/cmd_bpf.h"
#include "host/image.h"
#include "host/symbols.h"
#include "host/term.h"
#include "host/util.h"
#include "lib/num.h"

#define PROGRAMS_MAX 64
#define STT_FUNCTION 2

struct program {
	char id[16];
	char name[64];
	char attach[128];
	bool at_return;
	bool probe;
	int syscall; /* of a tracepoint on a system call; -1: no tracepoint */
};

struct attach {
	struct bpf_command *c;
	struct symbols *symbols;
	char object[16];
	struct program programs[PROGRAMS_MAX];
	size_t count;
	unsigned functions; /* probes that were set */
};

/* "syscalls/sys_enter_read": becomes the function of the direct-call table, linux_read, or its return. */
static void set_syscall(struct program *p)
{
	static const struct {
		const char *name;
		int nr;
	} calls[] = {
#include "gen/syscall_numbers.h"
	};
	const char *name = p->attach, *call;

	if (strncmp(name, "syscalls/", 9) == 0)
		name += 9;
	p->at_return = strncmp(name, "sys_exit_", 9) == 0;
	if (!p->at_return && strncmp(name, "sys_enter_", 10) != 0)
		die(EXIT_UIO, "%s: '%s' is no tracepoint here; there are syscalls/sys_enter_* and sys_exit_*", p->name,
		    p->attach);
	call = name + (p->at_return ? 9 : 10);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, call) == 0) {
			char function[sizeof(p->attach)];

			p->syscall = calls[i].nr;
			snprintf(function, sizeof(function), "linux_%s", call);
			snprintf(p->attach, sizeof(p->attach), "%s", function);
			return;
		}
	die(EXIT_NOT_FOUND, "%s: there is no system call '%s'", p->name, call);
}

static void on_load(const struct msg_event *row, void *arg)
{
	struct attach *a = arg;
	struct program *p = &a->programs[a->count];
	uint64_t hook = bpf_number(row, "hook");

	if (strcmp(row->name, "object") == 0)
		snprintf(a->object, sizeof(a->object), "%s", bpf_text(row, "id"));
	if (strcmp(row->name, "program") != 0)
		return;
	if (a->count == PROGRAMS_MAX)
		die(EXIT_UIO, "more than %d programs in one object", PROGRAMS_MAX);
	a->count++;
	snprintf(p->id, sizeof(p->id), "%s", bpf_text(row, "id"));
	snprintf(p->name, sizeof(p->name), "%s", bpf_text(row, "name"));
	snprintf(p->attach, sizeof(p->attach), "%s", bpf_text(row, "attach"));
	p->at_return = hook == BPF_HOOK_KRETPROBE;
	p->syscall = -1;
	if (hook == BPF_HOOK_TRACEPOINT)
		set_syscall(p);
	p->probe = hook == BPF_HOOK_KPROBE || hook == BPF_HOOK_KRETPROBE || p->syscall >= 0;
}

/* One function: 0, or a negative errno with *ret_text. */
static int probe(struct attach *a, const struct program *p, const struct symbol *s, uint64_t offset, char **ret_text)
{
	char address[24], off[24], nr[16];
	int r;

	snprintf(address, sizeof(address), "%llu", (unsigned long long)s->address);
	snprintf(off, sizeof(off), "%llu", (unsigned long long)offset);
	snprintf(nr, sizeof(nr), "%d", p->syscall);
	r = bpf_request(&a->c->call, NULL, NULL, ret_text, "probe", "program", p->id, "function", address, "offset",
			off, "return", p->at_return ? "1" : "0", "name", s->name, p->syscall >= 0 ? "syscall" : NULL,
			nr, NULL);
	a->functions += r == 0;
	return r;
}

/* Each function once, though it may have several names. Those that cannot be stopped are left out, and counted. */
static void probe_pattern(struct attach *a, const struct program *p, const char *pattern)
{
	unsigned before = a->functions, left_out = 0;
	uint64_t last = 0;
	char *text;

	for (size_t i = 0; i < a->symbols->count; i++) {
		const struct symbol *s = &a->symbols->list[i];

		if (s->type != STT_FUNCTION || s->address == last || fnmatch(pattern, s->name, 0) != 0)
			continue;
		last = s->address;
		if (probe(a, p, s, 0, &text) < 0) {
			left_out++;
			free(text);
		}
	}
	if (a->functions == before)
		die(EXIT_NOT_FOUND, "%s: no function of the image matches '%s'%s", p->name, pattern,
		    left_out ? " and can be probed" : "");
	if (left_out)
		warn("%s: %u functions that match '%s' cannot be probed", p->name, left_out, pattern);
}

/* NAME, NAME+OFFSET, or a pattern. The image may call a kernel function by the name of its source. */
static void probe_one(struct attach *a, const struct program *p, const char *where)
{
	const struct symbol *s;
	char *name = xstrdup(where), *plus = strchr(name, '+'), *text = NULL, *kernel;
	uint64_t offset = 0;
	int r;

	if (strpbrk(where, "*?[")) {
		probe_pattern(a, p, where);
		free(name);
		return;
	}
	if (plus) {
		*plus = '\0';
		if (num_parse_u64(plus + 1, 0, &offset) < 0)
			die(EXIT_UIO, "%s: '%s' is no offset", p->name, plus + 1);
	}
	r = symbols_find(a->symbols, name, &s, &text);
	if (r == -ENOENT) {
		kernel = xasprintf("uio_k_%s", name);
		r = symbols_find(a->symbols, kernel, &s, &text);
		free(kernel);
	}
	if (r < 0 || s->type != STT_FUNCTION)
		die(EXIT_NOT_FOUND, "%s: %s", p->name,
		    text    ? text
		    : r < 0 ? xasprintf("there is no function '%s'", name)
			    : xasprintf("'%s' is no function", name));
	if (s->size && offset >= s->size)
		die(EXIT_UIO, "%s: %s has %llu bytes", p->name, name, (unsigned long long)s->size);
	r = probe(a, p, s, offset, &text);
	if (r < 0)
		die(1, "%s", text && text[0] ? text : strerror(-r));
	free(name);
}

static void probe_all(struct attach *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct program *p = &a->programs[i];

		if (!p->probe)
			continue;
		if (a->c->operand_count > 1 && p->syscall < 0)
			for (int k = 1; k < a->c->operand_count; k++)
				probe_one(a, p, a->c->operands[k]);
		else if (p->attach[0])
			probe_one(a, p, p->attach);
		else
			die(EXIT_UIO, "%s: its section names no function: say on which", p->name);
	}
	if (a->functions == 0)
		die(EXIT_UIO, "%s: no kprobe or kretprobe program", a->c->operands[0]);
}

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	stop = 1;
}

/* What the programs print, until the time is over, a signal, or the guest's end. */
static void follow(struct attach *a, uint32_t session, uint64_t until_ns)
{
	struct client *client = a->c->call.client;
	bool closing = false;
	struct msg_event m;
	struct frame frame;

	for (;;) {
		int r;

		if (!closing && (stop || monotonic_ns() >= until_ns)) {
			closing = true;
			if (client_send(client, MSG_CLOSE, session, NULL, 0) < 0)
				return;
		}
		r = client_receive(client, 100, &frame);
		if (r < 0 && r != -EINTR)
			die(1, "the guest is gone");
		if (r <= 0 || frame.header.session != session)
			continue;
		if (frame.header.type == MSG_OK || frame.header.type == MSG_ERROR)
			return;
		if (frame.header.type != MSG_BPF_ROW || msg_event_decode(frame.payload, frame.header.size, &m) < 0)
			continue;
		if (strcmp(m.name, "print") == 0 && !a->c->json)
			fputs(bpf_text(&m, "text"), stdout);
		else
			bpf_print_row(&m, &a->c->json);
		fflush(stdout);
	}
}

int bpf_cmd_attach(struct bpf_command *c)
{
	const char *what = c->operands[0], *time = args_value(c->args, "for");
	bool pin = args_flag(c->args, "pin");
	uint64_t until_ns = UINT64_MAX, ns;
	static struct attach a;
	uint32_t session;
	char *text;

	if (time && num_parse_duration(time, &ns) < 0)
		die(EXIT_UIO, "--for %s: a time, such as 10s", time);
	a.c = c;
	text = image_symbols(vm_string(c->call.vm, "image"));
	if (!text || symbols_load(text, &a.symbols) < 0)
		die(EXIT_UIO, "%s has no symbols", vm_string(c->call.vm, "image"));
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	bpf_must(&c->call, on_load, &a, "load", "sha256", bpf_object_hash(c, what), "name", bpf_base_name(what),
		 "program", args_value(c->args, "program"), NULL);
	session = c->call.session;
	probe_all(&a);
	if (pin) {
		bpf_must(&c->call, NULL, NULL, "pin", "object", a.object, NULL);
		printf("object %s: %u probes\n", a.object, a.functions);
		return 0;
	}
	warn("%u probes; ^C ends", a.functions);
	if (time)
		until_ns = monotonic_ns() + ns;
	follow(&a, session, until_ns);
	return 0;
}

int bpf_cmd_detach(struct bpf_command *c)
{
	bpf_must(&c->call, NULL, NULL, "detach", "program", c->operands[0], NULL);
	return 0;
}
