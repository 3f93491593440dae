/* tty.c: terminals: reading, writing, and what comes from the operator's side. ioctl: tty_ioctl.c. */
#include "fs/tty_inside.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"

#define CHUNK 128
#define TOSTOP 0x100 /* asm-generic/termbits.h */
enum { SIGHUP = 1, SIGCONT = 18, SIGTTIN = 21, SIGTTOU = 22, SIGWINCH = 28 };

static uint64_t indices; /* bit i: pts/i is in use */

static void signal_group(int pgid, int signo)
{
	if (pgid > 0 && tty_jobs)
		tty_jobs->signal_group(pgid, signo);
}

void tty_flush(struct tty *t)
{
	size_t n;

	if (t->ld.stopped || !t->out_len)
		return;
	n = t->ops ? t->ops->output(t->ctx, t->out, t->out_len) : t->out_len;
	memmove(t->out, t->out + n, t->out_len - n);
	t->out_len -= n;
	if (n)
		waitq_wake_all(&t->writers);
}

static kssize_t tty_read(struct file *f, struct iter *it, uint64_t off)
{
	struct tty *t = tty_from_vnode(f->vnode);
	uint64_t deadline = TIME_NEVER;
	char buf[CHUNK];
	kssize_t done = 0;
	long n;
	int r;

	if (t->ld.termios.cc[LDISC_VTIME] && !t->ld.termios.cc[LDISC_VMIN])
		deadline = clock_monotonic_ns() + t->ld.termios.cc[LDISC_VTIME] * 100 * NSEC_PER_MSEC;
	while (it->left) {
		r = tty_jobs ? tty_jobs->check_background(t, SIGTTIN) : 0;
		if (r < 0)
			return done ? done : r;
		n = t->hung ? 0 : ldisc_read(&t->ld, buf, MIN(it->left, sizeof(buf)));
		if (n > 0) {
			bool canonical = t->ld.termios.lflag & LDISC_ICANON;
			kssize_t put = iter_put(it, buf, (size_t) n);

			if (put < 0)
				return done ? done : put;
			done += put;
			/* A line, or all there is, that just fills the buffer goes on with the next piece. */
			if ((size_t) n < sizeof(buf) || (canonical && buf[n - 1] == '\n') || !ldisc_readable(&t->ld))
				break;
			continue;
		}
		if (n == 0 || done)
			break;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&t->readers, WAIT_EVENT, "tty", deadline, true);
		if (r == -ETIMEDOUT && !(t->ld.termios.lflag & LDISC_ICANON))
			return 0;
		if (r == -EINTR)
			return r;
	}
	if (done && t->ops && t->ops->input_room)
		t->ops->input_room(t->ctx);
	return done;
}

/* Room for a translated chunk: waits until what is there has gone. */
static int wait_for_room(struct tty *t, bool nonblock)
{
	int r;

	for (;;) {
		if (t->hung)
			return -EIO;
		tty_flush(t);
		if (t->out_len <= TTY_OUT_SIZE / 2 && !t->ld.stopped)
			return 0;
		if (nonblock)
			return -EAGAIN;
		r = waitq_wait(&t->writers, WAIT_EVENT, "tty_write", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
}

static kssize_t tty_write(struct file *f, struct iter *it, uint64_t off)
{
	struct tty *t = tty_from_vnode(f->vnode);
	kssize_t done = 0, got = 0;
	char buf[CHUNK / 2];
	size_t used = 0, made;
	int r = 0;

	if (t->ld.termios.lflag & TOSTOP && tty_jobs)
		r = tty_jobs->check_background(t, SIGTTOU);
	while (r >= 0 && (it->left || used < (size_t) got)) {
		r = wait_for_room(t, f->flags & O_NONBLOCK);
		if (r < 0)
			break;
		if (used == (size_t) got) {
			used = 0;
			got = iter_get(it, buf, MIN(it->left, sizeof(buf)));
			if (got <= 0) {
				r = (int) got;
				got = 0;
				break;
			}
		}
		made = 0;
		r = (int) ldisc_output(&t->ld, buf + used, (size_t) got - used, t->out + t->out_len,
				       TTY_OUT_SIZE - t->out_len, &made);
		used += (size_t) r;
		done += r;
		t->out_len += made;
	}
	tty_flush(t);
	return done ? done : r;
}

static unsigned tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty *t = tty_from_vnode(f->vnode);
	unsigned ready = 0;

	poll_wait(pt, &t->readers);
	poll_wait(pt, &t->writers);
	tty_flush(t);
	if (t->hung)
		return POLLIN | POLLOUT | POLLHUP | POLLRDNORM | POLLWRNORM | POLLERR;
	if (ldisc_readable(&t->ld))
		ready |= POLLIN | POLLRDNORM;
	if (t->out_len <= TTY_OUT_SIZE / 2 && !t->ld.stopped)
		ready |= POLLOUT | POLLWRNORM;
	return ready;
}

static int tty_fopen(struct vnode *v, struct file *f)
{
	struct tty *t = tty_from_vnode(v);

	if (t->hung)
		return -EIO;
	t->opens++;
	return 0;
}

static void tty_release(struct file *f)
{
	struct tty *t = tty_from_vnode(f->vnode);

	if (--t->opens == 0 && t->ops && t->ops->closed)
		t->ops->closed(t->ctx);
}

static void tty_free(struct vnode *v)
{
	struct tty *t = tty_from_vnode(v);

	indices &= ~(1ULL << t->index);
	kfree(t);
}

const struct file_ops tty_fops = {
	.open = tty_fopen,
	.release = tty_release,
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.free = tty_free,
};

int tty_create(const struct tty_ops *ops, void *ctx, const char *name, struct tty **ret)
{
	struct tty *t = ~indices ? kzalloc(sizeof(*t)) : NULL;

	if (!t)
		return -ENOMEM;
	t->index = (unsigned) __builtin_ctzll(~indices);
	indices |= 1ULL << t->index;
	if (name)
		fmt_snprintf(t->name, sizeof(t->name), "%s", name);
	else
		fmt_snprintf(t->name, sizeof(t->name), "pts/%u", t->index);
	t->v = (struct vnode){
		.refs = 1,
		.mode = S_IFCHR | 0620,
		.fops = &tty_fops,
		.ino = t->index + 3,
		.rdev = MAKEDEV(136, t->index),
		.name = t->name,
	};
	t->ops = ops;
	t->ctx = ctx;
	t->size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	waitq_init(&t->readers);
	waitq_init(&t->writers);
	ldisc_init(&t->ld);
	*ret = t;
	return 0;
}

void tty_get(struct tty *t)
{
	vnode_get(&t->v);
}

void tty_put(struct tty *t)
{
	if (t)
		vnode_put(&t->v);
}

void tty_detach(struct tty *t)
{
	t->ops = NULL;
	tty_hangup(t);
}

/* What is echoed is lost when the operator does not take it: waiting here would stop all input. */
static void echo(void *ctx, const void *bytes, size_t n)
{
	struct tty *t = ctx;

	if (n > TTY_OUT_SIZE - t->out_len)
		tty_flush(t);
	n = MIN(n, TTY_OUT_SIZE - t->out_len);
	memcpy(t->out + t->out_len, bytes, n);
	t->out_len += n;
}

static void typed_signal(void *ctx, int signo)
{
	struct tty *t = ctx;

	signal_group(t->pgid, signo);
}

size_t tty_input(struct tty *t, const char *bytes, size_t n)
{
	static const struct ldisc_ops ops = { .echo = echo, .signal = typed_signal };

	if (t->hung)
		return n;
	n = ldisc_input(&t->ld, bytes, n, &ops, t);
	tty_flush(t);
	if (ldisc_readable(&t->ld))
		waitq_wake_all(&t->readers);
	if (!t->ld.stopped)
		waitq_wake_all(&t->writers);
	return n;
}

void tty_hangup(struct tty *t)
{
	if (t->hung)
		return;
	t->hung = true;
	t->out_len = 0;
	waitq_wake_all(&t->readers);
	waitq_wake_all(&t->writers);
	signal_group(t->sid, SIGHUP);
	signal_group(t->sid, SIGCONT);
	if (t->pgid == t->sid)
		return;
	signal_group(t->pgid, SIGHUP);
	signal_group(t->pgid, SIGCONT);
}

void tty_output_ready(struct tty *t)
{
	tty_flush(t);
	waitq_wake_all(&t->writers);
}

void tty_set_winsize(struct tty *t, unsigned rows, unsigned cols)
{
	if (t->size.ws_row == rows && t->size.ws_col == cols)
		return;
	t->size.ws_row = (uint16_t) rows;
	t->size.ws_col = (uint16_t) cols;
	signal_group(t->pgid, SIGWINCH);
}

int tty_open(struct tty *t, uint32_t flags, struct file **ret)
{
	int r = t->hung ? -EIO : file_create(&t->v, flags, ret);

	if (r < 0)
		return r;
	vnode_get(&t->v);
	t->opens++;
	return 0;
}

struct vnode *tty_vnode(struct tty *t)
{
	return &t->v;
}

struct tty *tty_of_file(const struct file *f)
{
	return f->fops == &tty_fops ? tty_from_vnode(f->vnode) : NULL;
}

int tty_session(const struct tty *t)
{
	return t->sid;
}

int tty_foreground(const struct tty *t)
{
	return t->pgid;
}

void tty_set_session(struct tty *t, int sid, int pgid)
{
	t->sid = sid;
	t->pgid = pgid;
}

const char *tty_name(const struct tty *t)
{
	return t->name;
}

unsigned tty_index(const struct tty *t)
{
	return t->index;
}
