/* fd_console.c: the descriptors that the application starts with. */
#include "fs/console.h"
#include "fs/tty.h"
#include "linux/fd.h"
#include "linux/process.h"

/* Only where something else needs terminals. */
struct tty *tty_of_file(const struct file *f) __attribute__((weak));
void tty_set_session(struct tty *t, int sid, int pgid) __attribute__((weak));
void tty_get(struct tty *t) __attribute__((weak));

static void make_controlling(struct process *p, struct file *f)
{
	struct tty *t = tty_of_file ? tty_of_file(f) : NULL;

	if (!t)
		return;
	tty_get(t);
	p->tty = t;
	tty_set_session(t, p->sid, p->pgid);
}

int fd_open_console(struct fdtable *t)
{
	struct file *f;
	int r = console_open(&f);

	for (unsigned fd = 0; r >= 0 && fd < 3; fd++) {
		r = fdtable_set(t, fd, f, false);
		if (r >= 0)
			file_get(f);
	}
	if (r < 0)
		return r;
	make_controlling(process_app, f);
	file_put(f);
	return 0;
}
