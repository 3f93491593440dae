/* pure */
/*
 * msg.c: the small messages: those of the connection, of flow control, and the ones that are a single value.
 */
#include "proto/msg.h"

#include "lib/errno.h"
#include "lib/str.h"

static int encoded(const struct wire_writer *w)
{
	return w->error ? -EMSGSIZE : (int)w->used;
}

static int decoded(const struct wire_reader *r)
{
	return wire_read_done(r) ? 0 : -EBADMSG;
}

int msg_u8_encode(uint8_t value, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u8(&w, value);
	return encoded(&w);
}

int msg_u8_decode(const void *payload, size_t size, uint8_t *ret_value)
{
	struct wire_reader r;
	uint8_t value;

	wire_read_start(&r, payload, size);
	value = wire_get_u8(&r);
	if (decoded(&r) < 0)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

int msg_u32_encode(uint32_t value, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, value);
	return encoded(&w);
}

int msg_u32_decode(const void *payload, size_t size, uint32_t *ret_value)
{
	struct wire_reader r;
	uint32_t value;

	wire_read_start(&r, payload, size);
	value = wire_get_u32(&r);
	if (decoded(&r) < 0)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

int msg_u64_encode(uint64_t value, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u64(&w, value);
	return encoded(&w);
}

int msg_u64_decode(const void *payload, size_t size, uint64_t *ret_value)
{
	struct wire_reader r;
	uint64_t value;

	wire_read_start(&r, payload, size);
	value = wire_get_u64(&r);
	if (decoded(&r) < 0)
		return -EBADMSG;
	*ret_value = value;
	return 0;
}

int msg_sha256_encode(const uint8_t sha256[PROTO_SHA256_SIZE], void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_bytes(&w, sha256, PROTO_SHA256_SIZE);
	return encoded(&w);
}

int msg_sha256_decode(const void *payload, size_t size, uint8_t ret_sha256[PROTO_SHA256_SIZE])
{
	if (size != PROTO_SHA256_SIZE)
		return -EBADMSG;
	memcpy(ret_sha256, payload, PROTO_SHA256_SIZE);
	return 0;
}

int msg_string_encode(const char *string, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_string(&w, string);
	return encoded(&w);
}

int msg_string_decode(const void *payload, size_t size, const char **ret_string)
{
	struct wire_reader r;
	const char *string;

	wire_read_start(&r, payload, size);
	string = wire_get_string(&r);
	if (decoded(&r) < 0)
		return -EBADMSG;
	*ret_string = string;
	return 0;
}

int msg_hello_encode(const struct msg_hello *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_bytes(&w, m->nonce, sizeof(m->nonce));
	wire_put_u32(&w, m->version);
	wire_put_u32(&w, m->features);
	while (!w.error && w.used < PROTO_HELLO_SIZE)
		wire_put_u8(&w, 0);
	return encoded(&w);
}

int msg_hello_decode(const void *payload, size_t size, struct msg_hello *ret_m)
{
	struct wire_reader r;

	if (size != PROTO_HELLO_SIZE)
		return -EBADMSG;
	wire_read_start(&r, payload, size);
	memcpy(ret_m->nonce, wire_get_bytes(&r, FRAME_NONCE_SIZE), FRAME_NONCE_SIZE);
	ret_m->version = wire_get_u32(&r);
	ret_m->features = wire_get_u32(&r);
	return 0;
}

int msg_error_encode(const struct msg_error *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->error);
	wire_put_string(&w, m->text);
	return encoded(&w);
}

int msg_error_decode(const void *payload, size_t size, struct msg_error *ret_m)
{
	struct wire_reader r;
	struct msg_error m;

	wire_read_start(&r, payload, size);
	m.error = wire_get_u32(&r);
	m.text = wire_get_string(&r);
	if (decoded(&r) < 0 || m.error == 0 || m.error > 4095)
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_winsize_encode(const struct msg_winsize *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u16(&w, m->rows);
	wire_put_u16(&w, m->cols);
	return encoded(&w);
}

int msg_winsize_decode(const void *payload, size_t size, struct msg_winsize *ret_m)
{
	struct wire_reader r;
	struct msg_winsize m;

	wire_read_start(&r, payload, size);
	m.rows = wire_get_u16(&r);
	m.cols = wire_get_u16(&r);
	if (decoded(&r) < 0)
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_window_encode(const struct msg_window *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u8(&w, m->stream);
	wire_put_u32(&w, m->bytes);
	return encoded(&w);
}

int msg_window_decode(const void *payload, size_t size, struct msg_window *ret_m)
{
	struct wire_reader r;
	struct msg_window m;

	wire_read_start(&r, payload, size);
	m.stream = wire_get_u8(&r);
	m.bytes = wire_get_u32(&r);
	if (decoded(&r) < 0 || m.stream > STREAM_STDERR || m.bytes == 0 || m.bytes > INT32_MAX)
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

int msg_kill_encode(const struct msg_kill *m, void *buf, size_t size)
{
	struct wire_writer w;

	wire_write_start(&w, buf, size);
	wire_put_u32(&w, m->pid);
	wire_put_u32(&w, m->signal);
	return encoded(&w);
}

int msg_kill_decode(const void *payload, size_t size, struct msg_kill *ret_m)
{
	struct wire_reader r;
	struct msg_kill m;

	wire_read_start(&r, payload, size);
	m.pid = wire_get_u32(&r);
	m.signal = wire_get_u32(&r);
	if (decoded(&r) < 0 || m.signal > 64)
		return -EBADMSG;
	*ret_m = m;
	return 0;
}

const char *msg_type_name(uint16_t type)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = {
		{ MSG_NOP, "NOP" }, { MSG_HELLO, "HELLO" }, { MSG_HELLO_OK, "HELLO_OK" }, { MSG_PING, "PING" },
		{ MSG_PONG, "PONG" }, { MSG_OK, "OK" }, { MSG_ERROR, "ERROR" }, { MSG_EXEC, "EXEC" },
		{ MSG_STARTED, "STARTED" }, { MSG_NEED, "NEED" }, { MSG_EXIT, "EXIT" }, { MSG_SIGNAL, "SIGNAL" },
		{ MSG_WINSIZE, "WINSIZE" }, { MSG_CLOSE, "CLOSE" }, { MSG_STDIN, "STDIN" }, { MSG_STDOUT, "STDOUT" },
		{ MSG_STDERR, "STDERR" }, { MSG_END, "END" }, { MSG_WINDOW, "WINDOW" }, { MSG_PUSH, "PUSH" },
		{ MSG_PULL, "PULL" }, { MSG_LIST, "LIST" }, { MSG_ENTRY, "ENTRY" }, { MSG_STATS, "STATS" },
		{ MSG_STATS_ROW, "STATS_ROW" }, { MSG_PS, "PS" }, { MSG_PS_ROW, "PS_ROW" }, { MSG_EVENTS, "EVENTS" },
		{ MSG_EVENT, "EVENT" }, { MSG_BPF, "BPF" }, { MSG_BPF_ROW, "BPF_ROW" }, { MSG_KILL, "KILL" },
		{ MSG_CONSOLE_EOF, "CONSOLE_EOF" }, { MSG_CONSOLE_WINSIZE, "CONSOLE_WINSIZE" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	return "?";
}
