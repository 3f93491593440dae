/* ctl_look.c: looking at the guest (STATS, PS, EVENTS) and acting on processes and the application's terminal. */
#include "overlay/ctl.h"

#include "fs/console.h"
#include "fs/tty.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "linux/signal.h"
#include "overlay/events.h"
#include "overlay/session.h"
#include "overlay/stats.h"

/* Numbers of one row, encoded. */
#define ROW_MAX 900

int ctl_stats(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct stats *s = kmalloc(sizeof(*s) + ROW_MAX);
	struct msg_list_builder b;
	struct msg_stats_row row;
	const char *name;
	uint8_t *p;

	if (!s)
		return -ENOMEM;
	s->pid = -1;
	while (stats_next(s)) {
		row = (struct msg_stats_row){ .subject = (uint8_t) s->subject, .pid = (uint32_t) s->pid, .name = s->name };
		msg_list_start(&b, s + 1, ROW_MAX);
		name = s->names;
		for (unsigned i = 0; i < s->count; i++, name += strlen(name) + 1)
			msg_list_add_number(&b, name, s->values[i]);
		p = ctl_reserve_wait(c, ROW_MAX + 64);
		if (!p)
			break;
		if (msg_list_finish(&b, &row.values) == 0)
			ctl_commit(c, MSG_STATS_ROW, id, msg_stats_row_encode(&row, p, ROW_MAX + 64));
	}
	kfree(s);
	return 1;
}

int ctl_ps(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct msg_ps_row row;
	char command[200];
	uint8_t *p;
	int pid = 0;

	while ((p = ctl_reserve_wait(c, 512)) && stats_next_process(pid, &row, command, sizeof(command))) {
		ctl_commit(c, MSG_PS_ROW, id, msg_ps_row_encode(&row, p, 512));
		pid = (int) row.pid;
	}
	return 1;
}

int ctl_kill(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct msg_kill m;
	int r = msg_kill_decode(payload, size, &m);

	if (r < 0)
		return r;
	r = session_kill((int) m.pid, (int) m.signal);
	return r < 0 ? r : 1;
}

/* EVENTS. */
struct events {
	struct ctl_session s;
	struct event_subscriber subscriber;
	uint64_t dropped;
};

static void tell(struct event_subscriber *sub, const struct msg_event *e)
{
	struct events *v = container_of(sub, struct events, subscriber);
	struct ctl_conn *c = v->s.conn;
	struct msg_event m = *e;
	struct msg_list_builder b;
	const char *key, *text;
	struct msg_iter it;
	char number[24], *buf = NULL;
	uint8_t *p = ctl_reserve_data(c, 1024);

	if (p && v->dropped && (buf = kmalloc(640))) {
		msg_list_start(&b, buf, 640);
		msg_iter_start(&it, &e->values);
		while (msg_next_pair(&it, &key, &text))
			msg_list_add_pair(&b, key, text);
		fmt_snprintf(number, sizeof(number), "%lu", v->dropped);
		msg_list_add_pair(&b, "dropped", number);
		msg_list_finish(&b, &m.values);
		v->dropped = 0;
	}
	if (p)
		ctl_commit(c, MSG_EVENT, v->s.id, msg_event_encode(&m, p, 1024));
	else
		v->dropped++;
	kfree(buf);
}

static void events_drop(struct ctl_session *s)
{
	struct events *v = container_of(s, struct events, s);

	event_unsubscribe(&v->subscriber);
	kfree(v);
}

static void events_close(struct ctl_session *s)
{
	struct ctl_conn *c = s->conn;
	uint32_t id = s->id;

	ctl_session_del(s);
	events_drop(s);
	ctl_empty(c, MSG_OK, id);
}

static const struct ctl_kind events_kind = { .close = events_close, .drop = events_drop };

int ctl_events(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct events *v = kzalloc(sizeof(*v));
	int r;

	if (!v)
		return -ENOMEM;
	r = ctl_session_add(c, &v->s, id, &events_kind);
	if (r < 0) {
		kfree(v);
		return r;
	}
	v->subscriber.tell = tell;
	event_subscribe(&v->subscriber);
	return 0;
}

int ctl_console_eof(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	uint64_t bytes;
	int r = msg_u64_decode(payload, size, &bytes);

	if (r < 0)
		return r;
	console_set_end(bytes);
	return 1;
}

int ctl_console_winsize(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct msg_winsize m;
	int r = msg_winsize_decode(payload, size, &m);

	if (r < 0)
		return r;
	if (!process_app->tty)
		return -ENXIO;
	tty_set_winsize(process_app->tty, m.rows, m.cols);
	return 1;
}
