/* session.c: clients that are told what programs print and put into ring buffers: the one that keeps an object, which
 * goes with it unless somebody has pinned it, and those that read what no client keeps. Programs wake nobody, as they
 * may run in the middle of the scheduler: a timer looks for output instead. */
#include "bpf/ringbuf.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "trace/load.h"
#include "trace/print.h"
#include "trace/request.h"

#define LOOK_NS	  (20 * NSEC_PER_MSEC)
#define EVENT_MAX 2048 /* bytes of a record that are sent */
#define ROWS_MAX  64   /* at a time */

struct reader {
	struct ctl_session s;
	uint32_t object; /* 0: all that nobody keeps */
	bool keeps;
	uint64_t printed; /* what was taken of the lines; of all objects': print_events() */
	struct ktimer timer;
	bool look;
};

static void fire(struct ktimer *t)
{
	struct reader *k = container_of(t, struct reader, timer);

	k->look = true;
	ctl_kick(k->s.conn);
	ktimer_start(t, clock_monotonic_ns() + LOOK_NS, fire);
}

static void end(struct reader *k)
{
	struct loaded *l = k->keeps ? load_find(k->object) : NULL;

	ktimer_cancel(&k->timer);
	if (l)
		l->kept = false;
	if (l && !l->pinned)
		request_drop(l);
	kfree(k);
}

static void reader_drop(struct ctl_session *s)
{
	end(container_of(s, struct reader, s));
}

static bool send_print(struct reader *k)
{
	char text[PRINT_LINE_MAX + 1];
	uint32_t object;
	size_t n = print_next(k->object ? &k->printed : print_events(), k->object, &object, text, sizeof(text) - 1);
	struct row r;

	if (!n)
		return false;
	text[n] = '\0';
	if (row_start(&r, k->s.conn, k->s.id, "print")) {
		row_number(&r, "object", object);
		row_text(&r, "text", text);
		row_send(&r);
	}
	return true;
}

static bool reads(const struct reader *k, const struct loaded *l)
{
	return k->object ? l->id == k->object : !l->kept;
}

struct found {
	struct loaded *l;
	uint32_t map; /* its place in the object */
	const void *data;
	uint32_t size;
};

/* The next record of a ring buffer or an event array. While TRACE_QUIET. */
static bool next_event(const struct reader *k, struct found *ret)
{
	struct loaded *l;

	list_for_each (l, &loaded_all, node)
		for (uint32_t i = 0; reads(k, l) && i < l->object->map_count; i++) {
			struct bpf_map *map = l->object->maps[i].map;

			if (map && bpf_ringbuf_peek(map, &ret->data, &ret->size) == 0) {
				ret->l = l;
				ret->map = i;
				return true;
			}
		}
	return false;
}

static void fill_event(struct row *r, const struct found *f)
{
	struct bpf_map *map = f->l->object->maps[f->map].map;

	row_number(r, "object", f->l->id);
	row_number(r, "map", f->l->first_map + f->map);
	row_text(r, "name", f->l->object->maps[f->map].name);
	row_number(r, "size", f->size);
	row_number(r, "lost", bpf_ringbuf_lost(map));
	row_hex(r, "data", f->data, MIN(f->size, EVENT_MAX));
	bpf_ringbuf_next(map);
}

/* True if there was one. A program in a probed memcpy() must not find a buffer half read. A row may have to wait for
 * room, and the object may be gone after that. */
static bool send_event(struct reader *k)
{
	struct found f;
	struct row r;
	bool any;

	trace_running = TRACE_QUIET;
	any = next_event(k, &f);
	trace_running = 0;
	if (!any || !row_start(&r, k->s.conn, k->s.id, "event"))
		return false;
	trace_running = TRACE_QUIET;
	any = next_event(k, &f);
	if (any)
		fill_event(&r, &f);
	trace_running = 0;
	row_send(&r);
	return any;
}

static bool send_all(struct reader *k)
{
	unsigned n = 0;

	while (n < ROWS_MAX && !ctl_gone(k->s.conn) && (send_print(k) || send_event(k)))
		n++;
	return n == ROWS_MAX;
}

bool session_rows(struct query *q, uint32_t object, uint64_t *printed)
{
	struct reader k = {.s = {.conn = q->conn, .id = q->id}, .object = object, .printed = *printed};
	bool more = send_all(&k);

	*printed = k.printed;
	return more;
}

static void reader_close(struct ctl_session *s)
{
	struct reader *k = container_of(s, struct reader, s);
	struct loaded *l = k->keeps ? load_find(k->object) : NULL;
	struct ctl_conn *c = s->conn;
	uint32_t id = s->id;

	/* So that there is an end to what they put into buffers. */
	if (l && !l->pinned)
		load_detach(l);
	while (l && send_all(k))
		kernel_relax();
	ctl_session_del(s);
	reader_drop(s);
	ctl_empty(c, MSG_OK, id);
}

static bool reader_pump(struct ctl_session *s)
{
	struct reader *k = container_of(s, struct reader, s);

	if (!k->look)
		return false;
	k->look = send_all(k);
	return k->look;
}

static const struct ctl_kind reader_kind = {.close = reader_close, .drop = reader_drop, .pump = reader_pump};

static int start(struct query *q, uint32_t object, bool keeps)
{
	struct reader *k = kzalloc(sizeof(*k));
	struct row r;
	int e;

	if (!k)
		return -ENOMEM;
	k->object = object;
	k->keeps = keeps;
	k->printed = print_now();
	e = ctl_session_add(q->conn, &k->s, q->id, &reader_kind);
	if (e < 0) {
		kfree(k);
		return e;
	}
	ktimer_start(&k->timer, clock_monotonic_ns() + LOOK_NS, fire);
	if (row_start(&r, q->conn, q->id, "ready"))
		row_send(&r);
	return 0;
}

int session_keep(struct query *q, struct loaded *l)
{
	int r;

	l->kept = true;
	r = start(q, l->id, true);
	if (r < 0)
		l->kept = false;
	return r;
}

/* "object", which may be missing: all that no client keeps. */
int op_events(struct query *q)
{
	struct loaded *l;
	uint64_t id;
	int r;

	if (!query_text(q, "object"))
		return start(q, 0, false);
	r = query_number(q, "object", &id);
	if (r < 0)
		return r;
	l = load_find((uint32_t)id);
	if (l && !l->kept)
		return start(q, l->id, false);
	fmt_snprintf(q->error, sizeof(q->error),
		     l ? "object %lu: another client reads its events" : "there is no object %lu", id);
	return l ? -EBUSY : -ENOENT;
}
