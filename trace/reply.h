/* reply.h: what a request of `uio bpf` says and is answered: a name and pairs of key and text (docs/protocol.md). */
#ifndef UIO_TRACE_REPLY_H
#define UIO_TRACE_REPLY_H

#include "overlay/ctl.h"

struct query {
	struct ctl_conn *conn;
	uint32_t id; /* the session's */
	struct msg_event m;
	bool need; /* NEED was answered: it will be asked again */
	char error[320]; /* text of the ERROR, or "" */
};

/* The text of a key, or NULL. */
const char *query_text(const struct query *q, const char *key);
/* A number in C's notation: 0, -EINVAL (missing or no number; q->error says so). */
int query_number(struct query *q, const char *key, uint64_t *ret);
/* The n'th key and text; false at the end. */
bool query_pair(const struct query *q, unsigned n, const char **ret_key, const char **ret_text);

/* A row: start, pairs, send. Only one at a time; size is that of all pairs together. */
struct row {
	struct ctl_conn *conn;
	uint32_t id;
	struct msg_list_builder list;
	uint8_t *buf;
	const char *name;
};
#define ROW_PAIRS_MAX 5800

/* Waits for room: the connection's thread only. False: the client is gone, or there is no memory. */
bool row_start(struct row *r, struct ctl_conn *c, uint32_t id, const char *name);
void row_text(struct row *r, const char *key, const char *text);
void row_number(struct row *r, const char *key, uint64_t value);
void row_hex(struct row *r, const char *key, const void *bytes, size_t n);
void row_send(struct row *r);

/* Bytes of hexadecimal digits: 0, or -EINVAL: not exactly n bytes. */
int hex_parse(const char *text, void *out, size_t n);

#endif
