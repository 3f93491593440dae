/* reply.c: see reply.h. */
#include "trace/reply.h"

#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "trace/shell.h"

bool query_pair(const struct query *q, unsigned n, const char **ret_key, const char **ret_text)
{
	struct msg_iter it;

	msg_iter_start(&it, &q->m.values);
	while (msg_next_pair(&it, ret_key, ret_text))
		if (!n--)
			return true;
	return false;
}

const char *query_text(const struct query *q, const char *key)
{
	const char *k, *text;
	struct msg_iter it;

	msg_iter_start(&it, &q->m.values);
	while (msg_next_pair(&it, &k, &text))
		if (!strcmp(k, key))
			return text;
	return NULL;
}

int query_number(struct query *q, const char *key, uint64_t *ret)
{
	const char *text = query_text(q, key);

	if (text && num_parse_u64(text, 0, ret) == 0)
		return 0;
	fmt_snprintf(q->error, sizeof(q->error), "%s: '%s' needs a number for '%s'", q->m.name, text ? text : "", key);
	return -EINVAL;
}

/* Where a row grows when there is no memory: an answer without it would be a wrong one. One at a time, as sending may block. */
static uint8_t spare[ROW_PAIRS_MAX];
static bool spare_used;

static void buffer_free(uint8_t *buf)
{
	if (buf == spare)
		spare_used = false;
	else
		kfree(buf);
}

bool row_start(struct row *r, struct ctl_conn *c, uint32_t id, const char *name)
{
	r->conn = c;
	r->id = id;
	r->name = name;
	r->buf = kmalloc(ROW_PAIRS_MAX);
	if (!r->buf && spare_used)
		return false;
	if (!r->buf) {
		r->buf = spare;
		spare_used = true;
	}
	msg_list_start(&r->list, r->buf, ROW_PAIRS_MAX);
	return true;
}

void row_text(struct row *r, const char *key, const char *text)
{
	msg_list_add_pair(&r->list, key, text);
}

void row_number(struct row *r, const char *key, uint64_t value)
{
	char text[24];

	fmt_snprintf(text, sizeof(text), "%lu", value);
	row_text(r, key, text);
}

void row_hex(struct row *r, const char *key, const void *bytes, size_t n)
{
	static char place[ROW_PAIRS_MAX]; /* what fits into a row fits here, and nothing below blocks */
	char *text = n < sizeof(place) / 2 ? place : kmalloc(2 * n + 1);

	if (!text)
		return;
	for (size_t i = 0; i < n; i++)
		fmt_snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)bytes)[i]);
	text[2 * n] = '\0';
	row_text(r, key, text);
	if (text != place)
		kfree(text);
}

void row_send(struct row *r)
{
	struct msg_event m = {.name = r->name};
	uint8_t *p;

	if (shell_is(r->conn)) {
		if (msg_list_finish(&r->list, &m.values) == 0)
			shell_row(&m);
		buffer_free(r->buf);
		return;
	}
	p = ctl_reserve_wait(r->conn, CTL_MESSAGE_MAX);
	if (p && msg_list_finish(&r->list, &m.values) == 0)
		ctl_commit(r->conn, MSG_BPF_ROW, r->id, msg_event_encode(&m, p, CTL_MESSAGE_MAX));
	else if (p)
		ctl_commit(r->conn, MSG_BPF_ROW, r->id, -EMSGSIZE);
	buffer_free(r->buf);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int hex_parse(const char *text, void *out, size_t n)
{
	uint8_t *to = out;

	if (strlen(text) != 2 * n)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
