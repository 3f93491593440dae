/* pure */
/*
 * msg_exec.c: EXEC and EXIT: how a program starts and ends.
 */
#include "proto/msg.h"

#include "lib/errno.h"
#include "lib/str.h"

int msg_exec_encode(const struct msg_exec *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->flags);
	wire_put_u8(&w, m->source);
	wire_put_string(&w, m->path);
	wire_put_bytes(&w, m->sha256, sizeof(m->sha256));
	wire_put_string(&w, m->cwd);
	wire_put_u16(&w, m->rows);
	wire_put_u16(&w, m->cols);
	wire_put_u32(&w, m->grants);
	wire_put_u32(&w, m->cpu_per_mille);
	wire_put_u64(&w, m->memory_bytes);
	wire_put_u64(&w, m->timeout_ns);
	wire_put_list(&w, &m->argv);
	wire_put_list(&w, &m->env);
	wire_put_list(&w, &m->calls);
	wire_put_list(&w, &m->symbols);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_exec_decode(const void *payload, size_t size, struct msg_exec *ret_m)
{
	struct wire_reader r;
	struct msg_exec m;
	const uint8_t *sha256;

	wire_read_start(&r, payload, size);
	m.flags = wire_get_u32(&r);
	m.source = wire_get_u8(&r);
	m.path = wire_get_string(&r);
	sha256 = wire_get_bytes(&r, PROTO_SHA256_SIZE);
	if (!sha256)
		return -EBADMSG;
	memcpy(m.sha256, sha256, PROTO_SHA256_SIZE);
	m.cwd = wire_get_string(&r);
	m.rows = wire_get_u16(&r);
	m.cols = wire_get_u16(&r);
	m.grants = wire_get_u32(&r);
	m.cpu_per_mille = wire_get_u32(&r);
	m.memory_bytes = wire_get_u64(&r);
	m.timeout_ns = wire_get_u64(&r);
	wire_get_list(&r, ITEM_STRING, &m.argv);
	wire_get_list(&r, ITEM_STRING, &m.env);
	wire_get_list(&r, ITEM_STRING, &m.calls);
	wire_get_list(&r, ITEM_SYMBOL, &m.symbols);
	if (!wire_read_done(&r))
		return -EBADMSG;
	/* An unknown flag or grant would be a right or a duty that this side cannot honour: refuse rather than guess.
	 */
	if ((m.flags & ~EXEC_FLAGS) || m.source > EXEC_HASH || (m.grants & ~(uint32_t)GRANT_ALL) ||
	    m.cpu_per_mille > 1000 || m.argv.count == 0 || m.path[0] == '\0')
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_exit_encode(const struct msg_exit *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->status);
	wire_put_u8(&w, m->reason);
	wire_put_string(&w, m->report);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_exit_decode(const void *payload, size_t size, struct msg_exit *ret_m)
{
	struct wire_reader r;
	struct msg_exit m;

	wire_read_start(&r, payload, size);
	m.status = wire_get_u32(&r);
	m.reason = wire_get_u8(&r);
	m.report = wire_get_string(&r);
	if (!wire_read_done(&r) || m.reason > EXIT_CLOSED)
		return -EBADMSG;
	*ret_m = m;
	return 0;
}
