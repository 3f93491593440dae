/* sock_app.c: an application that brings every call on sockets, epoll and their like into its image, and greets who
 * connects to it, for programs beside it: by the abstract name "app" and the path /app.sock. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

void *volatile calls[] = {
	socketpair,  connect,	    accept4,	    getsockname,     getpeername,     sendto,	  recvfrom,  sendmsg,
	recvmsg,     sendmmsg,	    recvmmsg,	    shutdown,	     setsockopt,      getsockopt, epoll_ctl, epoll_wait,
	epoll_pwait, epoll_create1, timerfd_create, timerfd_settime, timerfd_gettime, eventfd,	  signalfd,
};

static int listener(const char *name, socklen_t len)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	for (socklen_t i = 0; i < len; i++)
		a.sun_path[i] = name[i];
	if (bind(fd, (struct sockaddr *) &a, (socklen_t) sizeof(a.sun_family) + len) < 0 || listen(fd, 5) < 0)
		perror("listen");
	return fd;
}

int main(void)
{
	struct pollfd fds[2] = { { listener("\0app", 4), POLLIN, 0 }, { listener("/app.sock", 10), POLLIN, 0 } };

	signal(SIGPIPE, SIG_IGN);
	puts("ready");
	fflush(stdout);
	for (;;) {
		poll(fds, 2, -1);
		for (int i = 0; i < 2; i++)
			if (fds[i].revents) {
				int fd = accept(fds[i].fd, NULL, NULL);

				write(fd, "greetings", 9);
				close(fd);
			}
	}
}
