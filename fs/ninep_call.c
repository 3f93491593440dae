/* ninep_call.c: one request to the server and its reply. */
#include "fs/ninep_node.h"
#include "kernel/kmem.h"
#include "kernel/log.h"

struct ninep_stats ninep_stats;

void call_begin(struct call *c, struct ninep *fs, uint8_t type, size_t tx_size, size_t rx_size)
{
	/* An error's reply always fits. */
	rx_size = MAX(rx_size, P9_READ_HEADER);
	*c = (struct call){ .fs = fs, .tx_size = tx_size + P9_HEADER, .rx_size = rx_size, .type = type };
	c->mem = kmalloc(c->tx_size + rx_size);
	if (!c->mem) {
		c->out.overflow = true;
		return;
	}
	if (++fs->next_tag == P9_NOTAG)
		fs->next_tag = 0;
	c->tag = type == P9_TVERSION ? P9_NOTAG : fs->next_tag;
	p9_out_begin(&c->out, c->mem, c->tx_size, type, c->tag);
}

/* What came is no reply to what was asked. */
static int malformed(struct ninep *fs)
{
	if (!fs->malformed)
		klog("9p: bad reply");
	fs->malformed = true;
	return -EIO;
}

int call_do_payload(struct call *c, const struct p9_segment *s, unsigned count, bool device_writes,
		    size_t *ret_received)
{
	size_t extra = 0;
	uint8_t *rx;
	int r;

	if (!c->mem)
		return -ENOMEM;
	rx = c->mem + c->tx_size;
	for (unsigned i = 0; i < count && !device_writes; i++)
		extra += s[i].len;
	r = p9_out_end(&c->out, extra);
	if (r < 0)
		return -ENAMETOOLONG;
	if (count)
		r = p9_rpc_zc(c->fs->transport, c->mem, c->out.len, rx, c->rx_size, s, count, device_writes,
			      ret_received);
	else
		r = p9_rpc(c->fs->transport, c->mem, c->out.len, rx, c->rx_size, ret_received);
	if (r >= 0) {
		ninep_stats.requests++;
		r = p9_in_begin(&c->in, rx, c->rx_size, *ret_received, c->type, c->tag);
	}
	return r == -EBADMSG ? malformed(c->fs) : r;
}

int call_do(struct call *c)
{
	size_t received;

	return call_do_payload(c, NULL, 0, false, &received);
}

int call_end(struct call *c, int r)
{
	if (r >= 0 && p9_in_end(&c->in) < 0)
		r = malformed(c->fs);
	kfree(c->mem);
	c->mem = NULL;
	return r;
}

int call_finish(struct call *c)
{
	return call_end(c, call_do(c));
}

uint32_t ninep_new_fid(struct ninep *fs)
{
	if (++fs->next_fid == P9_NOFID)
		fs->next_fid = 1;
	return fs->next_fid;
}

void ninep_clunk(struct ninep *fs, uint32_t fid)
{
	struct call c;

	if (fid == P9_NOFID)
		return;
	call_begin(&c, fs, P9_TCLUNK, 4, 0);
	p9_out_u32(&c.out, fid);
	(void) call_finish(&c); /* gone in any case */
}
