/* ctl_push.c: PUSH: files, directories and links from the host, written as they come, in place only when they are
 * complete and what was announced; and programs for the cache. */
#include "overlay/ctl.h"

#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "lib/sha256.h"
#include "overlay/cache.h"
#include "overlay/session.h"

#define AHEAD (48u * 1024)	/* what may be on its way beyond the first window: it is written as it comes */
#define LINK_MAX 1023

struct push {
	struct ctl_session s;
	struct msg_push m;		/* m.path: ours */
	struct file *file;		/* NULL: a symbolic link */
	char *temporary;		/* where the bytes are until they are complete; NULL: no name */
	uint64_t got;
	struct sha256 sha;
	char link[LINK_MAX + 1];
};

static void push_free(struct ctl_session *s)
{
	struct push *u = container_of(s, struct push, s);

	if (u->file)
		file_put(u->file);
	if (u->temporary)
		vfs_unlink(&session_view, NULL, u->temporary);
	kfree(u->temporary);
	kfree((char *) u->m.path);
	kfree(u);
}

static void push_done(struct push *u, int r)
{
	struct ctl_conn *c = u->s.conn;

	ctl_session_del(&u->s);
	c->what = u->m.path;
	if (r < 0)
		ctl_error(c, u->s.id, r, NULL);
	else
		ctl_empty(c, MSG_OK, u->s.id);
	push_free(&u->s);
}

static void push_data(struct ctl_session *s, const uint8_t *bytes, size_t n)
{
	struct push *u = container_of(s, struct push, s);

	if (n > u->m.size - u->got) {
		push_done(u, -EBADMSG);
		return;
	}
	sha256_update(&u->sha, bytes, n);
	s->in_credit += (uint32_t) n;
	if (!u->file) {
		memcpy(u->link + u->got, bytes, n);
		u->got += n;
		n = 0;
	}
	while (n) {
		kssize_t r = file_write_kernel(u->file, bytes, n, FILE_POS);

		if (r <= 0) {
			push_done(u, r ? (int) r : -EIO);
			return;
		}
		bytes += r;
		n -= (size_t) r;
		u->got += (uint64_t) r;
	}
	ctl_credit(s);
}

/* The bytes are here and right: puts them in place. */
static int push_place(struct push *u)
{
	struct vattr a = {
		.valid = ATTR_MODE | ATTR_MTIME,
		.mode = u->m.mode & 07777,
		.mtime = (int64_t) u->m.mtime_ns,
	};
	int r;

	if (u->m.kind == PUSH_PROGRAM)
		return cache_enter(u->file, u->m.path, u->m.sha256, u->m.size);
	if (!u->file) {
		u->link[u->got] = '\0';
		r = vfs_symlink(&session_view, u->link, NULL, u->m.path);
		if (r != -EEXIST)
			return r;
		r = vfs_unlink(&session_view, NULL, u->m.path);
		return r < 0 ? r : vfs_symlink(&session_view, u->link, NULL, u->m.path);
	}
	/* A file system without modes or times is no reason to refuse the bytes. */
	(void) vfs_setattr(u->file->vnode, &a);
	r = vfs_rename(&session_view, NULL, u->temporary, NULL, u->m.path, false);
	if (r < 0)
		return r;
	kfree(u->temporary);
	u->temporary = NULL;
	return 0;
}

static void push_end(struct ctl_session *s)
{
	struct push *u = container_of(s, struct push, s);
	uint8_t digest[SHA256_SIZE];

	sha256_final(&u->sha, digest);
	if (u->got != u->m.size || memcmp(digest, u->m.sha256, SHA256_SIZE))
		push_done(u, -EBADMSG);
	else
		push_done(u, push_place(u));
}

static void push_close(struct ctl_session *s)
{
	push_done(container_of(s, struct push, s), -EINTR);
}

static const struct ctl_kind push_kind = {
	.data = push_data,
	.end = push_end,
	.close = push_close,
	.drop = push_free,
};

/* A directory is there at once. */
static int push_directory(const struct msg_push *m)
{
	struct vnode *v;
	int r = vfs_mkdir(&session_view, NULL, m->path, m->mode & 07777);

	if (r != -EEXIST)
		return r < 0 ? r : 1;
	r = vfs_walk(&session_view, NULL, m->path, 0, &v);
	if (r < 0)
		return r;
	r = S_ISDIR(v->mode) ? 1 : -EEXIST;
	vnode_put(v);
	return r;
}

static int open_target(struct push *u, uint32_t id)
{
	size_t size = strlen(u->m.path) + 16;
	struct vnode *v;
	int r;

	if (u->m.kind == PUSH_PROGRAM)
		return cache_create(u->m.size, &u->file);
	if (S_ISLNK(u->m.mode))
		return u->m.size && u->m.size <= LINK_MAX ? 0 : -ENAMETOOLONG;
	if (!S_ISREG(u->m.mode))
		return -EINVAL;
	r = vfs_walk(&session_view, NULL, u->m.path, WALK_NOFOLLOW, &v);
	if (r >= 0) {
		r = S_ISDIR(v->mode) ? -EISDIR : S_ISREG(v->mode) || S_ISLNK(v->mode) ? 0 : -EEXIST;
		vnode_put(v);
		if (r < 0)
			return r;
	}
	u->temporary = kmalloc(size);
	if (!u->temporary)
		return -ENOMEM;
	fmt_snprintf(u->temporary, size, "%s.%x~", u->m.path, (unsigned) vport_nr(u->s.conn->port) << 24 ^ id);
	r = vfs_open_at(&session_view, NULL, u->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600, NULL, &u->file);
	if (r < 0) {
		kfree(u->temporary);
		u->temporary = NULL;
	}
	return r;
}

int ctl_push(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct msg_push m;
	struct push *u;
	int r = msg_push_decode(payload, size, &m);

	if (r < 0)
		return r;
	c->what = m.path;
	if (m.kind == PUSH_FILE && S_ISDIR(m.mode))
		return push_directory(&m);
	u = kzalloc(sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->m = m;
	u->m.path = kstrdup(m.path);
	r = u->m.path ? ctl_session_add(c, &u->s, id, &push_kind) : -ENOMEM;
	if (r < 0) {
		push_free(&u->s);
		return r;
	}
	sha256_init(&u->sha);
	r = open_target(u, id);
	if (r < 0) {
		push_done(u, r);
		return 0;
	}
	u->s.in_credit = AHEAD;
	ctl_credit(&u->s);
	return 0;
}
