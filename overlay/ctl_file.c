/* ctl_file.c: PULL and LIST: what is in the guest's files and directories, read while it is sent. */
#include "overlay/ctl.h"

#include "kernel/kmem.h"
#include "lib/path.h"
#include "overlay/session.h"

struct pull {
	struct ctl_session s;
	struct file *file;
	uint64_t window;
	uint8_t buf[CTL_DATA_MAX];
};

static void pull_free(struct ctl_session *s)
{
	struct pull *l = container_of(s, struct pull, s);

	file_put(l->file);
	kfree(l);
}

static void pull_done(struct ctl_session *s, int r)
{
	struct ctl_conn *c = s->conn;

	ctl_session_del(s);
	c->what = NULL;
	if (r < 0) {
		ctl_error(c, s->id, r, NULL);
	} else {
		ctl_end(c, s->id, STREAM_STDOUT);
		ctl_empty(c, MSG_OK, s->id);
	}
	pull_free(s);
}

static bool pull_pump(struct ctl_session *s)
{
	struct pull *l = container_of(s, struct pull, s);
	size_t n = MIN(l->window, sizeof(l->buf));
	kssize_t r;
	uint8_t *p;

	if (!n || !ctl_reserve_data(s->conn, n))
		return false;
	r = file_read_kernel(l->file, l->buf, n, FILE_POS);
	if (r <= 0) {
		pull_done(s, (int) r);
		return true;
	}
	p = ctl_reserve_wait(s->conn, (size_t) r);
	if (!p)
		return false;
	memcpy(p, l->buf, (size_t) r);
	ctl_commit(s->conn, MSG_STDOUT, s->id, (int) r);
	l->window -= (uint64_t) r;
	return true;
}

static void pull_window(struct ctl_session *s, enum msg_stream stream, uint32_t bytes)
{
	container_of(s, struct pull, s)->window += bytes;
}

static void pull_close(struct ctl_session *s)
{
	pull_done(s, -EINTR);
}

static const struct ctl_kind pull_kind = {
	.window = pull_window,
	.pump = pull_pump,
	.close = pull_close,
	.drop = pull_free,
};

struct place {
	struct ctl_conn *c;
	uint32_t id;
};

static int send_entry(void *ctx, const char *name, const struct vattr *a, const char *target)
{
	struct place *at = ctx;
	struct msg_entry m = {
		.mode = a->mode,
		.size = a->size,
		.mtime_ns = (uint64_t) a->mtime,
		.name = name,
		.target = target,
	};
	uint8_t *p = ctl_reserve_wait(at->c, CTL_MESSAGE_MAX);

	if (!p)
		return -EPIPE;
	ctl_commit(at->c, MSG_ENTRY, at->id, msg_entry_encode(&m, p, CTL_MESSAGE_MAX));
	return 0;
}

/* The entry of one path: its name is the last component, without slashes behind it; the root's is "/". */
static int send_path(struct place *at, struct vnode *v, const char *path)
{
	const char *base = path_basename(path);
	size_t n = MIN(strchr(base, '/') ? (size_t) (strchr(base, '/') - base) : strlen(base), (size_t) NAME_MAX);
	char name[NAME_MAX + 1];

	memcpy(name, n ? base : "/", n ? n : 1);
	name[n ? n : 1] = '\0';
	return session_entry_of(v, name, send_entry, at);
}

int ctl_pull(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct place at = { c, id };
	struct vnode *v = NULL;
	struct pull *l;
	const char *path;
	int r = msg_string_decode(payload, size, &path);

	if (r < 0)
		return r;
	c->what = path;
	l = kmalloc(sizeof(*l));
	if (!l)
		return -ENOMEM;
	memset(l, 0, offsetof(struct pull, buf));
	l->window = PROTO_WINDOW_START;
	r = vfs_walk(&session_view, NULL, path, 0, &v);
	/* Of anything but a file nobody knows how long a read takes. */
	if (r >= 0 && !S_ISREG(v->mode))
		r = S_ISDIR(v->mode) ? -EISDIR : -EACCES;
	if (r >= 0)
		r = vfs_open_vnode(v, O_RDONLY, &l->file);
	if (r >= 0)
		r = ctl_session_add(c, &l->s, id, &pull_kind);
	if (r >= 0) {
		r = send_path(&at, v, path);
		if (r < 0)
			ctl_session_del(&l->s);
	}
	vnode_put(v);
	if (r < 0) {
		if (l->file)
			file_put(l->file);
		kfree(l);
	}
	return r;
}

int ctl_list(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct place at = { c, id };
	struct msg_path m;
	struct vnode *v;
	int r = msg_path_decode(payload, size, &m);

	if (r < 0)
		return r;
	c->what = m.path;
	r = vfs_walk(&session_view, NULL, m.path, m.flags & LIST_SELF ? WALK_NOFOLLOW : 0, &v);
	if (r < 0)
		return r;
	if (m.flags & LIST_SELF)
		r = send_path(&at, v, m.path);
	else
		r = session_list(v, send_entry, &at);
	vnode_put(v);
	return r < 0 ? r : 1;
}
