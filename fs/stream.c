/* stream.c: byte streams between a program and a session. */
#include "fs/stream.h"
#include "kernel/kmem.h"
#include "lib/ring.h"

struct stream {
	struct vnode v;
	const struct stream_ops *ops;	/* NULL: detached */
	void *ctx;
	struct waitq wait;		/* input came, or the stream ended */
	struct ring input;
	bool eof;
	unsigned opens;
};

static struct stream *of(const struct file *f)
{
	return container_of(f->vnode, struct stream, v);
}

static kssize_t stream_read(struct file *f, struct iter *it, uint64_t off)
{
	struct stream *s = of(f);
	const uint8_t *bytes;
	kssize_t done = 0, r;
	size_t n;

	if (!it->left || !s->input.size)
		return 0;
	while (!ring_used(&s->input)) {
		if (s->eof || !s->ops)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&s->wait, WAIT_EVENT, "stdin", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	while (it->left && (n = ring_span(&s->input, &bytes))) {
		r = iter_put(it, bytes, MIN(n, it->left));
		if (r < 0) {
			if (!done)
				return r;
			break;
		}
		ring_drop(&s->input, (size_t) r);
		done += r;
	}
	if (s->ops && s->ops->consumed)
		s->ops->consumed(s->ctx, (size_t) done);
	return done;
}

static kssize_t stream_write(struct file *f, struct iter *it, uint64_t off)
{
	struct stream *s = of(f);

	if (!s->ops || !s->ops->write)
		return -EPIPE;
	return s->ops->write(s->ctx, it, f->flags & O_NONBLOCK);
}

static unsigned stream_poll(struct file *f, struct poll_table *pt)
{
	struct stream *s = of(f);
	unsigned mode = f->flags & O_ACCMODE, ready = 0;

	poll_wait(pt, &s->wait);
	if (mode != O_WRONLY && (ring_used(&s->input) || s->eof || !s->ops))
		ready |= POLLIN | POLLRDNORM | (ring_used(&s->input) ? 0 : POLLHUP);
	if (mode != O_RDONLY)
		ready |= !s->ops ? POLLERR : s->ops->poll ? s->ops->poll(s->ctx, pt) : POLLOUT | POLLWRNORM;
	return ready;
}

static long stream_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	int n = (int) ring_used(&of(f)->input);

	return cmd == FIONREAD ? copy_to_user(arg, &n, sizeof(n)) : -ENOTTY;
}

static int stream_fopen(struct vnode *v, struct file *f)
{
	container_of(v, struct stream, v)->opens++;
	return 0;
}

static void stream_release(struct file *f)
{
	struct stream *s = of(f);

	if (--s->opens == 0 && s->ops && s->ops->closed)
		s->ops->closed(s->ctx);
}

static void stream_free(struct vnode *v)
{
	struct stream *s = container_of(v, struct stream, v);

	kfree(s->input.data);
	kfree(s);
}

static const struct file_ops stream_fops = {
	.open = stream_fopen,
	.release = stream_release,
	.read = stream_read,
	.write = stream_write,
	.poll = stream_poll,
	.ioctl = stream_ioctl,
	.free = stream_free,
};

int stream_create(const struct stream_ops *ops, void *ctx, size_t input_size, struct stream **ret)
{
	static uint64_t ino;
	struct stream *s = kzalloc(sizeof(*s));
	void *buffer = NULL;

	if (s && input_size) {
		buffer = kmalloc(input_size);
		if (!buffer || ring_init(&s->input, buffer, input_size) < 0) {
			kfree(buffer);
			kfree(s);
			s = NULL;
		}
	}
	if (!s)
		return -ENOMEM;
	s->v = (struct vnode){
		.refs = 1, .mode = S_IFIFO | 0600, .fops = &stream_fops, .ino = ++ino,
	};
	s->ops = ops;
	s->ctx = ctx;
	waitq_init(&s->wait);
	*ret = s;
	return 0;
}

void stream_detach(struct stream *s)
{
	s->ops = NULL;
	waitq_wake_all(&s->wait);
	vnode_put(&s->v);
}

size_t stream_input(struct stream *s, const void *bytes, size_t n)
{
	n = s->eof || !s->input.size ? 0 : ring_put(&s->input, bytes, n);
	if (n)
		waitq_wake_all(&s->wait);
	return n;
}

size_t stream_input_room(const struct stream *s)
{
	return s->input.size ? ring_space(&s->input) : 0;
}

void stream_input_eof(struct stream *s)
{
	s->eof = true;
	waitq_wake_all(&s->wait);
}

int stream_open(struct stream *s, uint32_t flags, struct file **ret)
{
	int r = file_create(vnode_get(&s->v), flags, ret);

	if (r < 0) {
		vnode_put(&s->v);
		return r;
	}
	s->opens++;
	return 0;
}
