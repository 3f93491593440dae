/* pure */
/*
 * msg_rows.c: STATS_ROW, PS_ROW and EVENT: what the guest tells about itself.
 */
#include "proto/msg.h"

#include "lib/errno.h"

int msg_stats_row_encode(const struct msg_stats_row *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u8(&w, m->subject);
	wire_put_u32(&w, m->pid);
	wire_put_string(&w, m->name);
	wire_put_list(&w, &m->values);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_stats_row_decode(const void *payload, size_t size, struct msg_stats_row *ret_m)
{
	struct wire_reader r;
	struct msg_stats_row m;

	wire_read_start(&r, payload, size);
	m.subject = wire_get_u8(&r);
	m.pid = wire_get_u32(&r);
	m.name = wire_get_string(&r);
	wire_get_list(&r, ITEM_NUMBER, &m.values);
	if (!wire_read_done(&r) || m.subject > STATS_PROGRAM)
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_ps_row_encode(const struct msg_ps_row *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->pid);
	wire_put_u32(&w, m->ppid);
	wire_put_u32(&w, m->pgid);
	wire_put_u32(&w, m->sid);
	wire_put_u8(&w, m->state);
	wire_put_u32(&w, m->threads);
	wire_put_u32(&w, m->grants);
	wire_put_u64(&w, m->cpu_ns);
	wire_put_u64(&w, m->memory_bytes);
	wire_put_u64(&w, m->age_ns);
	wire_put_string(&w, m->name);
	wire_put_string(&w, m->command);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_ps_row_decode(const void *payload, size_t size, struct msg_ps_row *ret_m)
{
	struct wire_reader r;
	struct msg_ps_row m;

	wire_read_start(&r, payload, size);
	m.pid = wire_get_u32(&r);
	m.ppid = wire_get_u32(&r);
	m.pgid = wire_get_u32(&r);
	m.sid = wire_get_u32(&r);
	m.state = wire_get_u8(&r);
	m.threads = wire_get_u32(&r);
	m.grants = wire_get_u32(&r);
	m.cpu_ns = wire_get_u64(&r);
	m.memory_bytes = wire_get_u64(&r);
	m.age_ns = wire_get_u64(&r);
	m.name = wire_get_string(&r);
	m.command = wire_get_string(&r);
	if (!wire_read_done(&r))
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_event_encode(const struct msg_event *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u64(&w, m->time_ns);
	wire_put_string(&w, m->name);
	wire_put_list(&w, &m->values);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_event_decode(const void *payload, size_t size, struct msg_event *ret_m)
{
	struct wire_reader r;
	struct msg_event m;

	wire_read_start(&r, payload, size);
	m.time_ns = wire_get_u64(&r);
	m.name = wire_get_string(&r);
	wire_get_list(&r, ITEM_PAIR, &m.values);
	if (!wire_read_done(&r))
		return -EBADMSG;
	*ret_m = m;
	return 0;
}
