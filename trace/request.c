/* request.c: BPF messages: decoded, looked up in the table, done. */
#include "trace/request.h"

#include "drivers/random.h"
#include "trace/area.h"
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

trace_op request_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (!strcmp(ops[i].name, name))
			return ops[i].fn;
	return NULL;
}

__attribute__((section(".text.trace_entry"))) int trace_request(struct ctl_conn *c, uint32_t id, const uint8_t *payload,
								size_t size)
{
	struct query q = {.conn = c, .id = id};
	trace_op op;
	int r = c ? msg_event_decode(payload, size, &q.m) : 0;

	if (r == 0)
		r = init();
	if (r < 0)
		return r;
	targets_build(); /* without it probes are slower */
	if (!c)
		return shell_bpf((struct shell *)size, (int)id, (char **)payload);
	op = request_find(q.m.name);
	r = op ? op(&q) : -ENOSYS;
	if (r >= 0 || !q.error[0])
		return r;
	ctl_error(c, id, r, q.error);
	return 0;
}
