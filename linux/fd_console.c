/* fd_console.c: the descriptors that the application starts with. */
#include "fs/console.h"
#include "linux/fd.h"

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
	file_put(f);
	return 0;
}
