/* pure */
/* ninep_codec.c: writing requests and reading replies of 9P2000.L. */
#include "fs/ninep_codec.h"
#include "lib/errno.h"
#include "lib/str.h"

static void put(struct p9_out *o, uint64_t v, size_t bytes)
{
	if (o->overflow || bytes > o->size - o->len) {
		o->overflow = true;
		return;
	}
	for (size_t i = 0; i < bytes; i++)
		o->buf[o->len++] = (uint8_t) (v >> (8 * i));
}

void p9_out_begin(struct p9_out *o, void *buf, size_t size, uint8_t type, uint16_t tag)
{
	*o = (struct p9_out){ .buf = buf, .size = size };
	put(o, 0, 4);
	put(o, type, 1);
	put(o, tag, 2);
}

void p9_out_u8(struct p9_out *o, uint8_t v)
{
	put(o, v, 1);
}

void p9_out_u16(struct p9_out *o, uint16_t v)
{
	put(o, v, 2);
}

void p9_out_u32(struct p9_out *o, uint32_t v)
{
	put(o, v, 4);
}

void p9_out_u64(struct p9_out *o, uint64_t v)
{
	put(o, v, 8);
}

void p9_out_str(struct p9_out *o, const char *s)
{
	size_t len = strlen(s);

	if (len > UINT16_MAX) {
		o->overflow = true;
		return;
	}
	put(o, len, 2);
	if (o->overflow || len > o->size - o->len) {
		o->overflow = true;
		return;
	}
	memcpy(o->buf + o->len, s, len);
	o->len += len;
}

int p9_out_end(struct p9_out *o, size_t extra)
{
	size_t total = o->len + extra;

	if (o->overflow || total > UINT32_MAX)
		return -E2BIG;
	for (size_t i = 0; i < 4; i++)
		o->buf[i] = (uint8_t) (total >> (8 * i));
	return 0;
}

static uint64_t get(struct p9_in *in, size_t bytes)
{
	uint64_t v = 0;

	if (in->bad || bytes > in->len - in->at) {
		in->bad = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		v |= (uint64_t) in->buf[in->at + i] << (8 * i);
	in->at += bytes;
	return v;
}

int p9_in_begin(struct p9_in *i, const void *buf, size_t len, size_t received, uint8_t request, uint16_t tag)
{
	uint32_t size, error;
	uint16_t got_tag;
	uint8_t type;

	*i = (struct p9_in){ .buf = buf, .len = len < received ? len : received };
	size = p9_in_u32(i);
	type = p9_in_u8(i);
	got_tag = p9_in_u16(i);
	if (i->bad || size != received || got_tag != tag)
		return -EBADMSG;
	if (type == P9_RLERROR) {
		error = p9_in_u32(i);
		if (i->bad)
			return -EBADMSG;
		/* Linux's numbers end at 133; the rest are not for programs. */
		return error == 0 || error > 133 ? -EIO : -(int) error;
	}
	return type == request + 1 ? 0 : -EBADMSG;
}

uint8_t p9_in_u8(struct p9_in *i)
{
	return (uint8_t) get(i, 1);
}

uint16_t p9_in_u16(struct p9_in *i)
{
	return (uint16_t) get(i, 2);
}

uint32_t p9_in_u32(struct p9_in *i)
{
	return (uint32_t) get(i, 4);
}

uint64_t p9_in_u64(struct p9_in *i)
{
	return get(i, 8);
}

const char *p9_in_str(struct p9_in *i, uint16_t *ret_len)
{
	uint16_t len = p9_in_u16(i);
	const char *s;

	if (i->bad || len > i->len - i->at) {
		i->bad = true;
		*ret_len = 0;
		return NULL;
	}
	s = (const char *) i->buf + i->at;
	i->at += len;
	*ret_len = len;
	return s;
}

void p9_in_qid(struct p9_in *i, struct p9_qid *ret)
{
	ret->type = p9_in_u8(i);
	ret->version = p9_in_u32(i);
	ret->path = p9_in_u64(i);
}

void p9_in_attr(struct p9_in *i, struct p9_attr *ret)
{
	(void) p9_in_u64(i); /* which are valid: the basic ones, which were asked for, always are */
	p9_in_qid(i, &ret->qid);
	ret->mode = p9_in_u32(i);
	ret->uid = p9_in_u32(i);
	ret->gid = p9_in_u32(i);
	ret->nlink = p9_in_u64(i);
	ret->rdev = p9_in_u64(i);
	ret->size = p9_in_u64(i);
	ret->blksize = p9_in_u64(i);
	ret->blocks = p9_in_u64(i);
	ret->atime_sec = p9_in_u64(i);
	ret->atime_nsec = p9_in_u64(i);
	ret->mtime_sec = p9_in_u64(i);
	ret->mtime_nsec = p9_in_u64(i);
	ret->ctime_sec = p9_in_u64(i);
	ret->ctime_nsec = p9_in_u64(i);
	for (int k = 0; k < 4; k++) /* btime, gen, data_version */
		(void) p9_in_u64(i);
}

void p9_in_statfs(struct p9_in *i, struct p9_statfs *ret)
{
	ret->type = p9_in_u32(i);
	ret->bsize = p9_in_u32(i);
	ret->blocks = p9_in_u64(i);
	ret->bfree = p9_in_u64(i);
	ret->bavail = p9_in_u64(i);
	ret->files = p9_in_u64(i);
	ret->ffree = p9_in_u64(i);
	ret->fsid = p9_in_u64(i);
	ret->namelen = p9_in_u32(i);
}

bool p9_in_dirent(struct p9_in *i, struct p9_dirent *ret)
{
	struct p9_dirent d;

	if (i->bad || i->at == i->len)
		return false;
	p9_in_qid(i, &d.qid);
	d.offset = p9_in_u64(i);
	d.type = p9_in_u8(i);
	d.name = p9_in_str(i, &d.len);
	if (!i->bad && d.len == 0)
		i->bad = true;
	for (uint16_t k = 0; !i->bad && k < d.len; k++)
		if (d.name[k] == '/' || d.name[k] == '\0')
			i->bad = true;
	if (i->bad)
		return false;
	*ret = d;
	return true;
}

int p9_in_end(const struct p9_in *i)
{
	return i->bad ? -EBADMSG : 0;
}
