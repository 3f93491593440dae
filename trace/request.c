/* request.c: BPF messages: decoded, looked up in the table, done. */
#include "trace/request.h"

#include "drivers/random.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "overlay/events.h"
#include "overlay/session.h"
#include "trace/area.h"
#include "trace/load.h"
#include "trace/probe.h"
#include "trace/rights.h"
#include "trace/shell.h"
#include "trace/targets.h"

static const struct {
	const char *name;
	trace_op fn;
} ops[] = {
	{"verify", op_verify},
	{"load", op_load},
	{"unload", op_unload},
	{"pin", op_pin},
	{"probe", op_probe},
	{"xdp", op_xdp},
	{"detach", op_detach},
	{"exec", op_exec},
	{"sample", op_sample},
	{"switch", op_switch},
	{"stacks", op_stacks},
	{"events", op_events},
	{"list", op_list},
	{"prog", op_prog},
	{"maps", op_maps},
	{"map-dump", op_map_dump},
	{"map-types", op_map_types},
	{"map-update", op_map_update},
	{"map-delete", op_map_delete},
};

static int init(void)
{
	static bool done;
	uint64_t seed;
	int r;

	if (done)
		return 0;
	r = rights_init();
	if (r == 0)
		r = area_init();
	if (r < 0)
		return r;
	trace_clock_init();
	done = true;
	r = probe_init();
	/* May wait, so nothing may depend on it: others' requests come in meanwhile. */
	random_get(&seed, sizeof(seed));
	area_mem.seed = seed;
	return r;
}

static trace_op find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(ops[i].name, name))
			return ops[i].fn;
	return NULL;
}

#define LIST_SIZE 512 /* what event_tell() takes */

/* What changes something is an event, with what it was about and how it went. */
static void tell(const struct query *q, int r)
{
	static const char *const looks[] = {"list", "prog", "maps", "map-dump", "stacks", "verify"};
	static const char *const keys[] = {"name", "sha256", "program", "function", "offset", "object", "map",
					   "key", "pin"};
	struct msg_event e = {.time_ns = clock_monotonic_ns()};
	struct msg_list_builder b;
	char name[32], text[180], *buf;

	for (size_t i = 0; i < ARRAY_SIZE(looks); i++)
		if (!strcmp(looks[i], q->m.name))
			return;
	buf = kmalloc(LIST_SIZE);
	if (!buf)
		return;
	fmt_snprintf(name, sizeof(name), "bpf.%s", q->m.name);
	e.name = name;
	msg_list_start(&b, buf, LIST_SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *value = query_text(q, keys[i]);

		fmt_snprintf(text, sizeof(text), "%s", value);
		if (value)
			msg_list_add_pair(&b, keys[i], text);
	}
	fmt_snprintf(text, sizeof(text), "%s", r >= 0 ? "done" : q->error[0] ? q->error : session_strerror(r));
	msg_list_add_pair(&b, "outcome", text);
	if (msg_list_finish(&b, &e.values) == 0)
		event_tell(&e);
	kfree(buf);
}

void request_drop(struct loaded *l)
{
	struct msg_event e = {.time_ns = clock_monotonic_ns(), .name = "bpf.unload"};
	char number[12], buf[160];
	struct msg_list_builder b;

	fmt_snprintf(number, sizeof(number), "%u", l->id);
	msg_list_start(&b, buf, sizeof(buf));
	msg_list_add_pair(&b, "name", l->name);
	msg_list_add_pair(&b, "object", number);
	msg_list_add_pair(&b, "outcome", "its client is gone");
	if (msg_list_finish(&b, &e.values) == 0)
		event_tell(&e);
	load_drop(l);
}

int request_do(struct query *q)
{
	trace_op op = find(q->m.name);
	int r = op ? op(q) : -ENOSYS;

	if (op && !q->need)
		tell(q, r);
	return r;
}

__attribute__((section(".text.trace_entry"))) int trace_request(struct ctl_conn *c, uint32_t id, const uint8_t *payload,
								size_t size)
{
	struct query q = {.conn = c, .id = id};
	int r = c ? msg_event_decode(payload, size, &q.m) : 0;

	if (r == 0)
		r = init();
	if (r < 0)
		return r;
	targets_build(); /* without it probes are slower */
	if (!c)
		return shell_bpf((struct shell *)size, (int)id, (char **)payload);
	r = request_do(&q);
	if (r >= 0 || !q.error[0])
		return r;
	ctl_error(c, id, r, q.error);
	return 0;
}
