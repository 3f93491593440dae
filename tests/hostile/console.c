/* console.c: reaches for the application's terminal: to read its input, to type into it, to write on it. */
#include "hostile.h"

#include <sys/ioctl.h>

int main(void)
{
	static const char *const files[] = { "/dev/console", "/dev/tty", "/dev/tty0", "/dev/tty1", "/dev/hvc0", "/dev/ttyS0",
					     "/proc/1/fd/0", "/proc/1/fd/1" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDWR | O_NONBLOCK), group = 1;

		if (fd < 0)
			fd = open(files[i], O_WRONLY | O_NONBLOCK);
		if (fd < 0)
			fd = open(files[i], O_RDONLY | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (ioctl(fd, TIOCSTI, "x") == 0)
			ESCAPED("%s: types", files[i]);
		if (ioctl(fd, TIOCSPGRP, &group) == 0)
			ESCAPED("%s: takes the foreground", files[i]);
		if (ioctl(fd, TIOCSCTTY, 1) == 0)
			ESCAPED("%s: becomes its terminal", files[i]);
		if (write(fd, "pong 0 FORGED\n", 14) > 0)
			ESCAPED("%s: writes", files[i]);
		close(fd);
	}
	return hostile_escaped;
}
