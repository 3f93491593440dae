/* console_tty.c: the application's console as a terminal: a thread moves what comes from the port into the line
 * discipline, so that ^C works while nobody reads. */
#include "drivers/virtio_console.h"
#include "fs/console.h"
#include "fs/tty.h"
#include "kernel/thread.h"

#define CHUNK 64

static struct tty *tty;
static struct waitq room = WAITQ_INIT(room);	/* the discipline takes input again */

static size_t output(void *ctx, const char *bytes, size_t n)
{
	return console_give(bytes, n);
}

static void input_room(void *ctx)
{
	waitq_wake_all(&room);
}

static const struct tty_ops ops = { .output = output, .input_room = input_room };

static void look_at_size(void)
{
	unsigned rows, cols;

	if (console_port() && vport_size(console_port(), &rows, &cols) && rows && cols)
		tty_set_winsize(tty, rows, cols);
}

/* Sleeps until the port has input or room, or the discipline has. */
static void sleep_on_port(bool full)
{
	struct waiter w[3];
	unsigned n = 0;

	waitq_enter(full ? &room : console_readers(), &w[n++]);
	if (console_writers())
		waitq_enter(console_writers(), &w[n++]);
	(void) thread_block(WAIT_EVENT, "console", TIME_NEVER, false);
	while (n)
		waitq_leave(&w[--n]);
}

static void serve(void *arg)
{
	char buf[CHUNK];
	size_t have = 0, took;

	for (;;) {
		look_at_size();
		tty_output_ready(tty);
		have += console_take(buf + have, sizeof(buf) - have);
		took = have ? tty_input(tty, buf, have) : 0;
		memmove(buf, buf + took, have - took);
		have -= took;
		if (!took)
			sleep_on_port(have == sizeof(buf));
	}
}

struct vnode *console_tty_vnode(void)
{
	struct thread *t;

	if (!tty) {
		if (tty_create(&ops, NULL, "console", &tty) < 0)
			return NULL;
		if (thread_create_kernel("console", CLASS_APP, serve, NULL, &t) < 0) {
			tty_put(tty);
			tty = NULL;
			return NULL;
		}
	}
	return tty_vnode(tty);
}
