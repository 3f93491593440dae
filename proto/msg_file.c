/* pure */
/*
 * msg_file.c: PUSH, LIST and ENTRY: files on their way.
 */
#include "proto/msg.h"

#include "lib/errno.h"
#include "lib/str.h"

int msg_push_encode(const struct msg_push *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u8(&w, m->kind);
	wire_put_u32(&w, m->mode);
	wire_put_u64(&w, m->mtime_ns);
	wire_put_u64(&w, m->size);
	wire_put_bytes(&w, m->sha256, sizeof(m->sha256));
	wire_put_string(&w, m->path);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_push_decode(const void *payload, size_t size, struct msg_push *ret_m)
{
	struct wire_reader r;
	struct msg_push m;
	const uint8_t *sha256;

	wire_read_start(&r, payload, size);
	m.kind = wire_get_u8(&r);
	m.mode = wire_get_u32(&r);
	m.mtime_ns = wire_get_u64(&r);
	m.size = wire_get_u64(&r);
	sha256 = wire_get_bytes(&r, PROTO_SHA256_SIZE);
	if (!sha256)
		return -EBADMSG;
	memcpy(m.sha256, sha256, PROTO_SHA256_SIZE);
	m.path = wire_get_string(&r);
	if (!wire_read_done(&r) || m.kind > PUSH_PROGRAM || m.path[0] == '\0')
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_path_encode(const struct msg_path *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->flags);
	wire_put_string(&w, m->path);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_path_decode(const void *payload, size_t size, struct msg_path *ret_m)
{
	struct wire_reader r;
	struct msg_path m;

	wire_read_start(&r, payload, size);
	m.flags = wire_get_u32(&r);
	m.path = wire_get_string(&r);
	if (!wire_read_done(&r) || (m.flags & ~LIST_SELF) || m.path[0] == '\0')
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_entry_encode(const struct msg_entry *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->mode);
	wire_put_u64(&w, m->size);
	wire_put_u64(&w, m->mtime_ns);
	wire_put_string(&w, m->name);
	wire_put_string(&w, m->target);
	return w.error ? -EMSGSIZE : (int)w.used;
}

int msg_entry_decode(const void *payload, size_t size, struct msg_entry *ret_m)
{
	struct wire_reader r;
	struct msg_entry m;

	wire_read_start(&r, payload, size);
	m.mode = wire_get_u32(&r);
	m.size = wire_get_u64(&r);
	m.mtime_ns = wire_get_u64(&r);
	m.name = wire_get_string(&r);
	m.target = wire_get_string(&r);
	if (!wire_read_done(&r))
		return -EBADMSG;
	*ret_m = m;
	return 0;
}
