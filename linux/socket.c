/* socket.c: a socket as an open file, and the waiting that no family does: O_NONBLOCK, time limits, MSG_WAITALL. Knows
 * no family and no system call. */
#include "linux/socket.h"
#include "kernel/kmem.h"
#include "linux/timespec.h"

long (*socket_ioctl_interfaces)(unsigned cmd, uint64_t arg);

static kssize_t socket_read(struct file *f, struct iter *it, uint64_t off);
static kssize_t socket_write(struct file *f, struct iter *it, uint64_t off);

static struct socket *of(const struct vnode *v)
{
	return container_of(v, struct socket, v);
}

static unsigned socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = of(f->vnode);

	poll_wait(pt, &s->rwait);
	poll_wait_for(pt, &s->wwait, POLLOUT | POLLWRNORM);
	return s->ops->poll(s);
}

static long socket_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	struct socket *s = of(f->vnode);
	long n;
	int value;

	if (cmd != FIONREAD)
		return s->ops->ioctl ? s->ops->ioctl(s, cmd, arg) : -ENOTTY;
	n = s->ops->readable ? s->ops->readable(s) : -ENOTTY;
	value = (int) n;
	return n < 0 ? n : copy_to_user(arg, &value, sizeof(value));
}

/* Through /proc/PID/fd: a socket has no second open. */
static int no_open(struct vnode *v, struct file *f)
{
	return -ENXIO;
}

static void socket_free(struct vnode *v)
{
	struct socket *s = of(v);

	if (s->ops && s->ops->release)
		s->ops->release(s);
	kfree(s);
}

static const struct file_ops socket_fops = {
	.open = no_open,
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.free = socket_free,
};

struct socket *socket_alloc(unsigned family, unsigned type, unsigned protocol)
{
	static uint64_t ino;
	struct socket *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->v = (struct vnode){ .refs = 1, .mode = S_IFSOCK | 0777, .fops = &socket_fops, .ino = ++ino };
	s->family = (uint16_t) family;
	s->type = (uint16_t) type;
	s->protocol = (uint16_t) protocol;
	s->rcvbuf = s->sndbuf = SOCKET_BUF_DEFAULT;
	s->rcvlowat = 1;
	s->rcv_timeout_ns = s->snd_timeout_ns = TIME_NEVER;
	waitq_init(&s->rwait);
	waitq_init(&s->wwait);
	return s;
}

void socket_put(struct socket *s)
{
	vnode_put(&s->v);
}

int socket_open(struct socket *s, uint32_t flags, struct file **ret)
{
	return file_create(&s->v, O_RDWR | (flags & O_NONBLOCK), ret);
}

struct socket *socket_of(struct file *f)
{
	return f->fops == &socket_fops ? of(f->vnode) : NULL;
}

int socket_take_error(struct socket *s)
{
	int error = s->error;

	s->error = 0;
	return -error;
}

int socket_wait(struct file *f, unsigned flags, struct waitq *q, const char *why, uint64_t deadline_ns)
{
	int r;

	if (f->flags & O_NONBLOCK || flags & MSG_DONTWAIT)
		return -EAGAIN;
	r = waitq_wait(q, WAIT_EVENT, why, deadline_ns, true);
	if (r == -EINTR && deadline_ns == TIME_NEVER)
		return -ERESTARTSYS;
	return r == -ETIMEDOUT ? -EAGAIN : r;
}

uint64_t socket_deadline(uint64_t timeout_ns)
{
	return timeout_ns == TIME_NEVER ? TIME_NEVER : deadline_after(timeout_ns);
}

kssize_t socket_send(struct file *f, struct socket_msg *m)
{
	struct socket *s = of(f->vnode);
	uint64_t deadline = socket_deadline(s->snd_timeout_ns);
	kssize_t done = 0, r;

	if (!s->ops->send)
		return -EOPNOTSUPP;
	for (;;) {
		r = s->ops->send(s, m);
		if (r > 0)
			done += r;
		if (r >= 0 && (!r || s->type != SOCK_STREAM || !m->it->left))
			return done;
		if (r == -EAGAIN)
			r = socket_wait(f, m->flags, &s->wwait, "send", deadline);
		if (r < 0)
			return done ? done : r;
	}
}

kssize_t socket_recv(struct file *f, struct socket_msg *m)
{
	struct socket *s = of(f->vnode);
	uint64_t deadline = socket_deadline(s->rcv_timeout_ns);
	bool all = m->flags & MSG_WAITALL && !(m->flags & MSG_PEEK) && s->type == SOCK_STREAM;
	kssize_t done = 0, r;

	if (!s->ops->recv)
		return -EOPNOTSUPP;
	for (;;) {
		r = s->ops->recv(s, m);
		if (r > 0)
			done += r;
		if (r >= 0 && (!r || !all || !m->it->left || m->files))
			return done;
		if (r == -EAGAIN)
			r = socket_wait(f, m->flags, &s->rwait, "receive", deadline);
		if (r < 0)
			return done ? done : r;
	}
}

/* Bytes of a stream can be none; an empty datagram is something. */
static kssize_t socket_read(struct file *f, struct iter *it, uint64_t off)
{
	struct sockaddr_any addr;
	struct socket_msg m = { .it = it, .addr = &addr };
	kssize_t r;

	if (!it->left)
		return 0;
	r = socket_recv(f, &m);
	if (m.files)
		socket_files_free(m.files);
	return r;
}

static kssize_t socket_write(struct file *f, struct iter *it, uint64_t off)
{
	struct sockaddr_any addr;
	struct socket_msg m = { .it = it, .addr = &addr };

	if (!it->left && of(f->vnode)->type == SOCK_STREAM)
		return 0;
	return socket_send(f, &m);
}

void socket_files_free(struct socket_files *files)
{
	for (unsigned i = 0; i < files->count; i++)
		file_put(files->file[i]);
	kfree(files);
}
