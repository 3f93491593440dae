/* pipe.c: pipes and FIFOs. Writes of up to PIPE_BUF bytes are whole (pipe(7)). Bytes lie in a ring of page frames: each
 * is taken when it is first written and given back when it has been read. */
#include "fs/pipe.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/vm.h"

#define PIPE_PAGES 16
#define PIPE_SIZE (PIPE_PAGES * PAGE_SIZE)
#define SHARE 16 /* overlay programs' pipes hold at most a 16th of memory; beyond that, a page each */

struct pipe {
	struct vnode v;			/* of an unnamed pipe; a FIFO's pipe has it unused */
	uint64_t head, tail;		/* bytes ever read, ever written; tail - head <= PIPE_SIZE */
	struct paddr page[PIPE_PAGES];	/* pa 0: none */
	uint16_t charged;		/* bit i: page[i] was written by an overlay program */
	unsigned readers, writers;	/* open files */
	unsigned reader_opens, writer_opens; /* ever: a FIFO's open waits for a change */
	struct waitq rwait, wwait;	/* more to read or the last writer has gone; more room or the last reader has */
};

static uint8_t *page_at(struct pipe *p, uint64_t pos)
{
	return (uint8_t *) phys_to_virt(p->page[pos / PAGE_SIZE % PIPE_PAGES]) + pos % PAGE_SIZE;
}

static uint64_t charged_pages;

static void drop_page(struct pipe *p, unsigned i)
{
	if (!p->page[i].pa)
		return;
	if (p->charged & 1U << i)
		charged_pages--;
	p->charged &= (uint16_t) ~(1U << i);
	page_put(p->page[i]);
	p->page[i].pa = 0;
}

/* A frame for slot i. -ENOMEM; -EAGAIN: not before some of what is in the pipe has been read. */
static int take_page(struct pipe *p, unsigned i)
{
	struct page_stats s;

	if (current()->window) {
		page_get_stats(&s);
		if (s.free <= vm_reserve_pages() || (charged_pages >= s.total / SHARE && p->head != p->tail))
			return p->head != p->tail ? -EAGAIN : -ENOMEM;
	}
	if (page_alloc(&p->page[i]) < 0)
		return p->head != p->tail ? -EAGAIN : -ENOMEM;
	if (current()->window) {
		p->charged |= (uint16_t) (1U << i);
		charged_pages++;
	}
	return 0;
}

static kssize_t pipe_read(struct file *f, struct iter *it, uint64_t off)
{
	struct pipe *p = f->data;
	kssize_t done = 0, r;

	if (!it->left)
		return 0;
	while (p->head == p->tail) {
		if (!p->writers)
			return 0;
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		r = waitq_wait(&p->rwait, WAIT_EVENT, "pipe_read", TIME_NEVER, true);
		if (r < 0)
			return r;
	}
	while (it->left && p->head != p->tail) {
		size_t n = MIN(PAGE_SIZE - p->head % PAGE_SIZE, p->tail - p->head);

		r = iter_put(it, page_at(p, p->head), MIN(n, it->left));
		if (r < 0) {
			if (!done)
				done = r;
			break;
		}
		done += r;
		p->head += (uint64_t) r;
		if (p->head % PAGE_SIZE == 0 || p->head == p->tail)
			drop_page(p, (p->head - 1) / PAGE_SIZE % PIPE_PAGES);
	}
	/* Empty: start at a page's beginning again, so that small pipes keep to one page. */
	if (p->head == p->tail)
		p->head = p->tail = 0;
	if (done > 0)
		waitq_wake_all(&p->wwait);
	return done;
}

/* Copies what fits now: -EAGAIN if nothing does. */
static kssize_t fill(struct pipe *p, struct iter *it)
{
	kssize_t done = 0, r = 0;

	while (it->left && p->tail - p->head < PIPE_SIZE) {
		unsigned i = p->tail / PAGE_SIZE % PIPE_PAGES;
		size_t n = MIN(PAGE_SIZE - p->tail % PAGE_SIZE, PIPE_SIZE - (p->tail - p->head));

		if (!p->page[i].pa) {
			r = take_page(p, i);
			if (r < 0)
				break;
		}
		r = iter_get(it, page_at(p, p->tail), MIN(n, it->left));
		if (r < 0)
			break;
		p->tail += (uint64_t) r;
		done += r;
	}
	return done ? done : r;
}

static kssize_t pipe_write(struct file *f, struct iter *it, uint64_t off)
{
	struct pipe *p = f->data;
	size_t need = it->left <= PIPE_BUF ? it->left : 1;
	kssize_t done = 0, r;

	while (it->left) {
		if (!p->readers)
			return done ? done : -EPIPE;
		if (PIPE_SIZE - (p->tail - p->head) >= need) {
			r = fill(p, it);
			if (r < 0 && r != -EAGAIN)
				return done ? done : r;
			if (r > 0) {
				done += r;
				need = 1;
				waitq_wake_all(&p->rwait);
				continue;
			}
		}
		if (f->flags & O_NONBLOCK)
			return done ? done : -EAGAIN;
		r = waitq_wait(&p->wwait, WAIT_EVENT, "pipe_write", TIME_NEVER, true);
		if (r < 0)
			return done ? done : r;
	}
	return done;
}

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->data;
	unsigned mode = f->flags & O_ACCMODE, ready = 0;

	if (mode != O_WRONLY) {
		poll_wait(pt, &p->rwait);
		if (p->head != p->tail)
			ready |= POLLIN | POLLRDNORM;
		if (!p->writers && p->writer_opens)
			ready |= POLLHUP;
	}
	if (mode != O_RDONLY) {
		poll_wait(pt, &p->wwait);
		if (PIPE_SIZE - (p->tail - p->head) >= PIPE_BUF)
			ready |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			ready |= POLLERR;
	}
	return ready;
}

static long pipe_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	struct pipe *p = f->data;
	int n = (int) (p->tail - p->head);

	return cmd == FIONREAD ? copy_to_user(arg, &n, sizeof(n)) : -ENOTTY;
}

static void wake_both(struct pipe *p)
{
	waitq_wake_all(&p->rwait);
	waitq_wake_all(&p->wwait);
}

static void pipe_enter(struct pipe *p, uint32_t flags)
{
	if ((flags & O_ACCMODE) != O_WRONLY) {
		p->readers++;
		p->reader_opens++;
	}
	if ((flags & O_ACCMODE) != O_RDONLY) {
		p->writers++;
		p->writer_opens++;
	}
	wake_both(p);
}

static void pipe_leave(struct pipe *p, uint32_t flags)
{
	if ((flags & O_ACCMODE) != O_WRONLY)
		p->readers--;
	if ((flags & O_ACCMODE) != O_RDONLY)
		p->writers--;
	wake_both(p);
}

static void pipe_release(struct file *f)
{
	pipe_leave(f->data, f->flags);
}

static void pipe_destroy(struct pipe *p)
{
	for (unsigned i = 0; i < PIPE_PAGES; i++)
		drop_page(p, i);
	kfree(p);
}

static void pipe_free(struct vnode *v)
{
	pipe_destroy(container_of(v, struct pipe, v));
}

/* Through /proc/PID/fd. */
static int pipe_reopen(struct vnode *v, struct file *f)
{
	f->data = container_of(v, struct pipe, v);
	pipe_enter(f->data, f->flags);
	return 0;
}

static const struct file_ops pipe_fops = {
	.free = pipe_free,
	.open = pipe_reopen,
	.release = pipe_release,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
};

static struct pipe *pipe_alloc(void)
{
	static uint64_t ino;
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->v = (struct vnode){ .mode = S_IFIFO | 0600, .fops = &pipe_fops, .ino = ++ino };
	waitq_init(&p->rwait);
	waitq_init(&p->wwait);
	return p;
}

static int open_end(struct pipe *p, uint32_t flags, struct file **ret)
{
	int r = file_create(vnode_get(&p->v), flags, ret);

	if (r < 0) {
		vnode_put(&p->v);
		return r;
	}
	(*ret)->data = p;
	pipe_enter(p, flags);
	return 0;
}

int pipe_create(uint32_t flags, struct file **ret_reader, struct file **ret_writer)
{
	struct pipe *p = pipe_alloc();
	struct file *reader;
	int r;

	if (!p)
		return -ENOMEM;
	p->v.refs = 1;
	r = open_end(p, flags | O_RDONLY, &reader);
	if (r >= 0) {
		r = open_end(p, flags | O_WRONLY, ret_writer);
		if (r < 0)
			file_put(reader);
		else
			*ret_reader = reader;
	}
	vnode_put(&p->v);
	return r;
}

/* The node keeps its pipe while some file has it open. */
static void fifo_release(struct file *f)
{
	struct pipe *p = f->data;

	pipe_leave(p, f->flags);
	if (!p->readers && !p->writers) {
		f->vnode->data = NULL;
		pipe_destroy(p);
	}
}

static const struct file_ops fifo_open_fops = {
	.release = fifo_release,
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
};

static int fifo_wait_peer(struct pipe *p, uint32_t flags)
{
	bool reader = (flags & O_ACCMODE) == O_RDONLY;
	unsigned seen = reader ? p->writer_opens : p->reader_opens;
	int r = 0;

	while (r >= 0 && !(reader ? p->writers : p->readers) && seen == (reader ? p->writer_opens : p->reader_opens))
		r = waitq_wait(reader ? &p->rwait : &p->wwait, WAIT_EVENT, "fifo_open", TIME_NEVER, true);
	return r;
}

static int fifo_open(struct vnode *v, struct file *f)
{
	uint32_t mode = f->flags & O_ACCMODE;
	struct pipe *p = v->data;
	int r = 0;

	if (mode == O_WRONLY && f->flags & O_NONBLOCK && !(p && p->readers))
		return -ENXIO;
	if (!p) {
		p = v->data = pipe_alloc();
		if (!p)
			return -ENOMEM;
	}
	f->data = p;
	pipe_enter(p, f->flags);
	if (mode != O_RDWR && !(f->flags & O_NONBLOCK))
		r = fifo_wait_peer(p, f->flags);
	if (r < 0)
		fifo_release(f);
	else
		f->fops = &fifo_open_fops;
	return r;
}

const struct file_ops fifo_fops = {
	.open = fifo_open,
};
