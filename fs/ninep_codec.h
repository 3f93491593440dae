/* pure */
/*
 * ninep_codec.h: messages of 9P2000.L (the base protocol: Plan 9's intro(5); ".L": Linux, include/net/9p/9p.h and the
 * diod project's protocol.md): a writer for requests and a reader for replies. Numbers are little-endian; a string is a
 * 16-bit length and bytes. Both remember a failure, so a caller checks once, at the end. No reply is trusted: every
 * length is checked against what was received.
 */
#ifndef UIO_FS_NINEP_CODEC_H
#define UIO_FS_NINEP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	P9_RLERROR = 7,
	P9_TSTATFS = 8,
	P9_TLOPEN = 12,
	P9_TLCREATE = 14,
	P9_TSYMLINK = 16,
	P9_TMKNOD = 18,
	P9_TREADLINK = 22,
	P9_TGETATTR = 24,
	P9_TSETATTR = 26,
	P9_TREADDIR = 40,
	P9_TFSYNC = 50,
	P9_TLOCK = 52,
	P9_TGETLOCK = 54,
	P9_TLINK = 70,
	P9_TMKDIR = 72,
	P9_TRENAMEAT = 74,
	P9_TUNLINKAT = 76,
	P9_TVERSION = 100,
	P9_TATTACH = 104,
	P9_TWALK = 110,
	P9_TREAD = 116,
	P9_TWRITE = 118,
	P9_TCLUNK = 120,
}; /* a reply's type is the request's plus one, or P9_RLERROR */

#define P9_NOTAG 0xffff
#define P9_NOFID 0xffffffffu
#define P9_HEADER 7 /* size[4] type[1] tag[2] */
#define P9_READ_HEADER 11 /* of Rread: header, count[4] */
#define P9_WRITE_HEADER 23 /* of Twrite: header, fid[4] offset[8] count[4] */
#define P9_GETATTR_BASIC 0x7ffULL

#define P9_QID_DIR 0x80
#define P9_QID_SYMLINK 0x02

struct p9_qid {
	uint8_t type;
	uint32_t version;
	uint64_t path;
};

struct p9_attr {
	struct p9_qid qid;
	uint32_t mode, uid, gid;
	uint64_t nlink, rdev, size, blksize, blocks;
	uint64_t atime_sec, atime_nsec, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec;
};

struct p9_statfs {
	uint32_t type, bsize;
	uint64_t blocks, bfree, bavail, files, ffree, fsid;
	uint32_t namelen;
};

struct p9_dirent {
	struct p9_qid qid;
	uint64_t offset; /* to go on behind it */
	uint8_t type;	 /* DT_* */
	const char *name; /* not terminated, within the reply */
	uint16_t len;
};

/* A request in the making, in the caller's buffer. */
struct p9_out {
	uint8_t *buf;
	size_t size, len;
	bool overflow;
};
/* Starts a message: its header, whose size p9_out_end() fills in. `extra`: bytes that follow from elsewhere. */
void p9_out_begin(struct p9_out *o, void *buf, size_t size, uint8_t type, uint16_t tag);
void p9_out_u8(struct p9_out *o, uint8_t v);
void p9_out_u16(struct p9_out *o, uint16_t v);
void p9_out_u32(struct p9_out *o, uint32_t v);
void p9_out_u64(struct p9_out *o, uint64_t v);
void p9_out_str(struct p9_out *o, const char *s);
/* 0, or -E2BIG if it did not fit. */
int p9_out_end(struct p9_out *o, size_t extra);

/* A reply being read. */
struct p9_in {
	const uint8_t *buf;
	size_t len, at;
	bool bad;
};
/*
 * Checks the header of a reply of `received` bytes (of which the first `len` are in buf: a payload may lie elsewhere)
 * to a request of this type and tag. 0; the negative errno of an Rlerror (one that is no errno becomes -EIO); -EBADMSG.
 */
int p9_in_begin(struct p9_in *i, const void *buf, size_t len, size_t received, uint8_t request, uint16_t tag);
uint8_t p9_in_u8(struct p9_in *i);
uint16_t p9_in_u16(struct p9_in *i);
uint32_t p9_in_u32(struct p9_in *i);
uint64_t p9_in_u64(struct p9_in *i);
/* A string within the reply, not terminated; NULL and length 0 when bad. */
const char *p9_in_str(struct p9_in *i, uint16_t *ret_len);
void p9_in_qid(struct p9_in *i, struct p9_qid *ret);
void p9_in_attr(struct p9_in *i, struct p9_attr *ret);
void p9_in_statfs(struct p9_in *i, struct p9_statfs *ret);
/* The next entry of Rreaddir's data; false at its end, or when bad. The name is not empty and holds no '/' or NUL. */
bool p9_in_dirent(struct p9_in *i, struct p9_dirent *ret);
/* -EBADMSG if anything read so far was not there. */
int p9_in_end(const struct p9_in *i);

#endif
