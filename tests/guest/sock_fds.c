/* sock_fds.c: thousands of descriptors: RLIMIT_NOFILE, poll, select and epoll over all of them, and which number comes
 * next. Everything here is true on Linux as well. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include "check.h"

#define MANY 10000

static struct pollfd fds[MANY];

/* As Redis has it. */
static int raise_limit(rlim_t wish)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return -1;
	l.rlim_cur = wish;
	if (l.rlim_max < wish)
		l.rlim_max = wish;
	return setrlimit(RLIMIT_NOFILE, &l);
}

int main(void)
{
	int event, first, n, i, ep;
	struct epoll_event ev[2] = { { .events = EPOLLIN } };
	struct rlimit l;
	uint64_t one = 1;
	fd_set set;

	for (i = 3; i < 1024; i++)
		close(i); /* what was inherited */
	event = eventfd(0, EFD_NONBLOCK);
	CHECK("the limit on descriptors is 10032, if one asks", !raise_limit(10032));
	CHECK("and reads back", !getrlimit(RLIMIT_NOFILE, &l) && l.rlim_cur == 10032);
	CHECK("2^31 are too many", raise_limit(1U << 31) == -1 && errno == EPERM);
	first = dup(event);
	for (n = 0; n < MANY; n++) {
		fds[n] = (struct pollfd){ n ? dup(event) : first, POLLIN, 0 };
		if (fds[n].fd != first + n)
			break;
	}
	CHECK("10,000 descriptors, in order", n == MANY);
	while ((i = dup(event)) >= 0)
		n++;
	CHECK("the limit holds", errno == EMFILE && first + n == 10032);
	close(5000);
	close(700);
	close(9000);
	CHECK("the lowest that is free comes first", dup(event) == 700 && dup(event) == 5000);
	CHECK("not below what fcntl() asks for", fcntl(event, F_DUPFD, 8000) == 9000);
	CHECK("a descriptor can be put at a number", dup2(event, 10031) == 10031);
	CHECK("but not at one beyond the limit", dup2(event, 10032) == -1 && errno == EBADF);
	CHECK("poll over 10,000 of them: none is ready", poll(fds, MANY, 0) == 0);
	fds[MANY - 1].fd = 4444444;
	CHECK("one is none", poll(fds, MANY, -1) == 1 && fds[MANY - 1].revents == POLLNVAL && !fds[0].revents);
	write(event, &one, 8);
	CHECK("all are ready", poll(fds, MANY, -1) == MANY && fds[5000].revents == POLLIN);
	FD_ZERO(&set);
	for (i = first; i < FD_SETSIZE; i++)
		FD_SET(i, &set);
	CHECK("select counts what it can", select(FD_SETSIZE, &set, NULL, NULL, NULL) == FD_SETSIZE - first);
	ep = -1;
	close(10031);
	CHECK("an epoll at the end of the table", (ep = epoll_create1(0)) == 10031);
	for (i = 0; i < MANY - 2; i++)
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fds[i].fd, ev))
			break;
	CHECK("watches all", i == MANY - 2 && epoll_wait(ep, ev, 2, -1) == 2);
	for (i = first; i < 10032; i++)
		close(i);
	CHECK("the first number is free again", dup(event) == first);
	return check_failed;
}
