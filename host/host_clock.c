/*
 * host_clock.c: see host_clock.h.
 */
#include "host/host_clock.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void host_clock_serve(const struct vm *vm)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char *path = vm_socket(vm, "time.sock");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timespec now;
	uint64_t ns;
	ssize_t n;
	char c;

	if (fd < 0 || strlen(path) >= sizeof(to.sun_path))
		goto out;
	strcpy(to.sun_path, path);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		goto out;
	while ((n = read(fd, &c, 1)) == 1 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		clock_gettime(CLOCK_REALTIME, &now);
		ns = htole64((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
		if (send(fd, &ns, sizeof(ns), MSG_NOSIGNAL) != sizeof(ns))
			break;
	}
out:
	if (fd >= 0)
		close(fd);
	free(path);
}
