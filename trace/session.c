/* session.c: a client that keeps an object: what its programs print and put into ring buffers goes to it, and the
 * object goes with it unless somebody has pinned it. Programs wake nobody, as they may run in the middle of the
 * scheduler: a timer looks for output instead. */
#include "bpf/ringbuf.h"
#include "kernel/kmem.h"
#include "trace/load.h"
#include "trace/request.h"

#define LOOK_NS	  (20 * NSEC_PER_MSEC)
#define EVENT_MAX 2048 /* bytes of a record that are sent */
#define ROWS_MAX  64   /* at a time */

struct keep {
	struct ctl_session s;
	uint32_t loaded;
	struct ktimer timer;
	bool look;
};

static void fire(struct ktimer *t)
{
	struct keep *k = container_of(t, struct keep, timer);

	k->look = true;
	ctl_kick(k->s.conn);
	ktimer_start(t, clock_monotonic_ns() + LOOK_NS, fire);
}

static void end(struct keep *k)
{
	struct loaded *l = load_find(k->loaded);

	ktimer_cancel(&k->timer);
	if (l && !l->pinned)
		load_drop(l);
	kfree(k);
}

static void keep_drop(struct ctl_session *s)
{
	end(container_of(s, struct keep, s));
}

static bool send_prints(struct keep *k)
{
	char text[512];
	size_t n = print_take(text, sizeof(text) - 1);
	struct row r;

	if (!n)
		return false;
	text[n] = '\0';
	if (row_start(&r, k->s.conn, k->s.id, "print")) {
		row_text(&r, "text", text);
		row_send(&r);
	}
	return true;
}

/* The object's next record of a ring buffer or an event array: the map's place in the object, or -1. While TRACE_QUIET. */
static int next_event(struct loaded *l, const void **data, uint32_t *size)
{
	for (uint32_t i = 0; l && i < l->object->map_count; i++)
		if (l->object->maps[i].map && bpf_ringbuf_peek(l->object->maps[i].map, data, size) == 0)
			return (int)i;
	return -1;
}

static void fill_event(struct row *r, struct loaded *l, int i, const void *data, uint32_t size)
{
	struct bpf_map *map = l->object->maps[i].map;

	row_number(r, "map", l->first_map + (uint32_t)i);
	row_text(r, "name", l->object->maps[i].name);
	row_number(r, "size", size);
	row_number(r, "lost", bpf_ringbuf_lost(map));
	row_hex(r, "data", data, MIN(size, EVENT_MAX));
	bpf_ringbuf_next(map);
}

/* True if there was one. A program in a probed memcpy() must not find a buffer half read. A row may have to wait for room,
 * and the object may be gone after that. */
static bool send_event(struct keep *k)
{
	const void *data;
	uint32_t size;
	struct row r;
	int i;

	trace_running = TRACE_QUIET;
	i = next_event(load_find(k->loaded), &data, &size);
	trace_running = 0;
	if (i < 0 || !row_start(&r, k->s.conn, k->s.id, "event"))
		return false;
	trace_running = TRACE_QUIET;
	i = next_event(load_find(k->loaded), &data, &size);
	if (i >= 0)
		fill_event(&r, load_find(k->loaded), i, data, size);
	trace_running = 0;
	row_send(&r);
	return i >= 0;
}

static bool send_all(struct keep *k)
{
	unsigned n = 0;

	while (n < ROWS_MAX && !ctl_gone(k->s.conn) && (send_prints(k) || send_event(k)))
		n++;
	return n == ROWS_MAX;
}

static void keep_close(struct ctl_session *s)
{
	struct loaded *l = load_find(container_of(s, struct keep, s)->loaded);
	struct ctl_conn *c = s->conn;
	uint32_t id = s->id;

	/* So that there is an end to what they put into buffers. */
	if (l && !l->pinned)
		load_detach(l);
	while (send_all(container_of(s, struct keep, s)))
		kernel_relax();
	ctl_session_del(s);
	keep_drop(s);
	ctl_empty(c, MSG_OK, id);
}

static bool keep_pump(struct ctl_session *s)
{
	struct keep *k = container_of(s, struct keep, s);

	if (!k->look)
		return false;
	k->look = send_all(k);
	return k->look;
}

static const struct ctl_kind keep_kind = {.close = keep_close, .drop = keep_drop, .pump = keep_pump};

int session_keep(struct query *q, uint32_t loaded_id)
{
	struct keep *k = kzalloc(sizeof(*k));
	struct row r;
	int e;

	if (!k)
		return -ENOMEM;
	k->loaded = loaded_id;
	e = ctl_session_add(q->conn, &k->s, q->id, &keep_kind);
	if (e < 0) {
		kfree(k);
		return e;
	}
	ktimer_start(&k->timer, clock_monotonic_ns() + LOOK_NS, fire);
	if (row_start(&r, q->conn, q->id, "ready"))
		row_send(&r);
	return 0;
}
