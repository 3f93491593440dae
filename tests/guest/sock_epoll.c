/* sock_epoll.c: epoll, eventfd, timerfd and signalfd. Everything here is true on Linux as well:
 * `gcc -D_GNU_SOURCE tests/guest/sock_epoll.c && ./a.out` shows it. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))
#define MANY		   450

static char buf[256];

static int control(int ep, int op, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.u64 = (uint64_t) fd << 32 | 7 };

	return epoll_ctl(ep, op, fd, &ev);
}

/* The events of the only ready descriptor, 0 if there is none, -1 if it is not fd. */
static int one(int ep, int fd)
{
	struct epoll_event ev[4];
	int n = epoll_wait(ep, ev, 4, 0);

	if (n == 0)
		return 0;
	return n == 1 && ev[0].data.u64 == ((uint64_t) fd << 32 | 7) ? (int) ev[0].events : -1;
}

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void *write_later(void *arg)
{
	sleep_ms(50);
	write(*(int *) arg, "x", 1);
	return NULL;
}

static void levels(void)
{
	int ep = epoll_create1(EPOLL_CLOEXEC), s[2], p[2], d, file;
	struct epoll_event ev[4];
	pthread_t thread;
	int64_t t;

	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	pipe(p);
	CHECK("an epoll is made", ep >= 0 && fcntl(ep, F_GETFD) == FD_CLOEXEC && FAILS(epoll_create1(3), EINVAL));
	CHECK("a descriptor is added once",
	      !control(ep, EPOLL_CTL_ADD, s[0], EPOLLIN) && FAILS(control(ep, EPOLL_CTL_ADD, s[0], EPOLLIN), EEXIST));
	CHECK("what is not there is not changed", FAILS(control(ep, EPOLL_CTL_MOD, s[1], EPOLLIN), ENOENT) &&
							  FAILS(control(ep, EPOLL_CTL_DEL, s[1], 0), ENOENT));
	CHECK("nor what is not open", FAILS(control(ep, EPOLL_CTL_ADD, 999, EPOLLIN), EBADF) &&
					      FAILS(control(999, EPOLL_CTL_ADD, s[0], EPOLLIN), EBADF));
	CHECK("nor in what is no epoll, nor in itself", FAILS(control(s[0], EPOLL_CTL_ADD, s[1], EPOLLIN), EINVAL) &&
								FAILS(control(ep, EPOLL_CTL_ADD, ep, EPOLLIN), EINVAL));
	file = open("/tmp/uio-test.epoll", O_RDWR | O_CREAT, 0600);
	CHECK("a regular file is EPERM", FAILS(control(ep, EPOLL_CTL_ADD, file, EPOLLIN), EPERM));
	close(file);
	unlink("/tmp/uio-test.epoll");
	CHECK("bad arguments of epoll_wait", FAILS(epoll_wait(ep, ev, 0, 0), EINVAL) &&
						     FAILS(epoll_wait(s[0], ev, 1, 0), EINVAL) &&
						     FAILS(epoll_wait(999, ev, 1, 0), EBADF));
	CHECK("nothing is ready", one(ep, s[0]) == 0);
	t = now_ms();
	CHECK("a time limit is kept", epoll_wait(ep, ev, 4, 60) == 0 && now_ms() - t >= 59);
	write(s[1], "abcd", 4);
	CHECK("level: ready", one(ep, s[0]) == EPOLLIN);
	read(s[0], buf, 2);
	CHECK("level: still ready while something is left", one(ep, s[0]) == EPOLLIN && one(ep, s[0]) == EPOLLIN);
	read(s[0], buf, 2);
	CHECK("level: not ready any more", one(ep, s[0]) == 0);
	CHECK("changing what is asked for counts at once",
	      !control(ep, EPOLL_CTL_MOD, s[0], EPOLLOUT) && one(ep, s[0]) == EPOLLOUT);
	CHECK("edge: the state at the beginning is one",
	      !control(ep, EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLOUT | EPOLLET) && one(ep, s[0]) == EPOLLOUT);
	CHECK("edge: told once", one(ep, s[0]) == 0);
	write(s[1], "ab", 2);
	CHECK("edge: new data are one", one(ep, s[0]) == (EPOLLIN | EPOLLOUT) && one(ep, s[0]) == 0);
	write(s[1], "cd", 2);
	CHECK("edge: more of them, too, though the first were not read", one(ep, s[0]) == (EPOLLIN | EPOLLOUT));
	control(ep, EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLET);
	CHECK("edge: a change of what is asked for asks anew", one(ep, s[0]) == EPOLLIN);
	read(s[0], buf, 1);
	CHECK("edge: reading is none", one(ep, s[0]) == 0);
	read(s[0], buf, 9);
	CHECK("one-shot: told once", !control(ep, EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLONESHOT) &&
					     write(s[1], "ab", 2) == 2 && one(ep, s[0]) == EPOLLIN &&
					     one(ep, s[0]) == 0);
	write(s[1], "ab", 2);
	CHECK("one-shot: also when more comes", one(ep, s[0]) == 0);
	CHECK("one-shot: until it is armed again",
	      !control(ep, EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLONESHOT) && one(ep, s[0]) == EPOLLIN);
	control(ep, EPOLL_CTL_MOD, s[0], EPOLLIN | EPOLLRDHUP);
	read(s[0], buf, 9);
	shutdown(s[1], SHUT_WR);
	CHECK("the other end's shutdown is RDHUP", one(ep, s[0]) == (EPOLLIN | EPOLLRDHUP));
	close(s[1]);
	CHECK("its end is HUP, asked for or not", !control(ep, EPOLL_CTL_MOD, s[0], 0) && one(ep, s[0]) == EPOLLHUP);
	d = dup(s[0]);
	close(s[0]);
	CHECK("a closed descriptor is watched while the file is open", one(ep, s[0]) == EPOLLHUP);
	close(d);
	CHECK("but no longer", one(ep, s[0]) == 0);

	control(ep, EPOLL_CTL_ADD, p[0], EPOLLIN);
	pthread_create(&thread, NULL, write_later, &p[1]);
	CHECK("a pipe wakes who waits", epoll_wait(ep, ev, 4, 5000) == 1 && ev[0].events == EPOLLIN);
	pthread_join(thread, NULL);
	CHECK("deleted is not told", !control(ep, EPOLL_CTL_DEL, p[0], 0) && one(ep, p[0]) == 0);
	CHECK("exclusive: only when it is added, and without one-shot",
	      FAILS(control(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT), EINVAL) &&
		      !control(ep, EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLEXCLUSIVE) &&
		      FAILS(control(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLEXCLUSIVE), EINVAL) &&
		      one(ep, p[0]) == EPOLLIN);
	d = epoll_create1(0);
	CHECK("an epoll in an epoll", !control(d, EPOLL_CTL_ADD, ep, EPOLLIN) && one(d, ep) == EPOLLIN);
	CHECK("but not in a ring", FAILS(control(ep, EPOLL_CTL_ADD, d, EPOLLIN), ELOOP));
	struct pollfd pf = { .fd = ep, .events = POLLIN };
	CHECK("poll sees it ready", poll(&pf, 1, 0) == 1 && pf.revents == POLLIN);
	read(p[0], buf, 9);
	CHECK("and not ready", poll(&pf, 1, 0) == 0 && one(d, ep) == 0);
	pthread_create(&thread, NULL, write_later, &p[1]);
	CHECK("an inner one wakes the outer", epoll_wait(d, ev, 4, 5000) == 1);
	pthread_join(thread, NULL);
	close(d);
	close(ep);
	close(p[0]);
	close(p[1]);
}

static void many(void)
{
	static int s[MANY][2];
	struct epoll_event ev[64];
	struct rlimit limit;
	int ep = epoll_create1(0), n, sum = 0, bad = 0, count = 0;
	static int seen[MANY];

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	/* As many as there may be: fewer for a program of the overlay. */
	for (; count < MANY && !socketpair(AF_UNIX, SOCK_STREAM, 0, s[count]); count++) {
		struct epoll_event e = { .events = EPOLLIN | (count % 2 ? EPOLLET : 0), .data.u32 = (uint32_t) count };

		bad |= epoll_ctl(ep, EPOLL_CTL_ADD, s[count][0], &e);
	}
	CHECK("many sockets are watched", !bad && count > 100 && epoll_wait(ep, ev, 64, 0) == 0);
	for (int i = 0; i < count; i += 3)
		write(s[i][1], "x", 1);
	while ((n = epoll_wait(ep, ev, 64, 0)) > 0)
		for (int i = 0; i < n; i++) {
			int k = (int) ev[i].data.u32;

			sum++;
			bad |= k % 3 || seen[k]++;
			read(s[k][0], buf, 9);
		}
	CHECK("each that is ready is told once", sum == (count + 2) / 3 && !bad);
	for (int i = 0; i < count; i++)
		write(s[i][1], "x", 1);
	memset(seen, 0, sizeof(seen));
	for (int rounds = 0; rounds < 100; rounds++) {
		n = epoll_wait(ep, ev, 3, 0);
		for (int i = 0; i < n; i++)
			seen[ev[i].data.u32]++;
	}
	bad = 0;
	for (int i = 0; i < count; i++)
		bad += !seen[i];
	CHECK("in small portions all have their turn", count - bad >= (count < 300 ? count : 300));
	for (int i = 0; i < count; i++) {
		close(s[i][0]);
		close(s[i][1]);
	}
	CHECK("closing all of them empties it", epoll_wait(ep, ev, 64, 0) == 0);
	close(ep);
}

static int waited;
static void *waiter(void *arg)
{
	struct epoll_event ev;

	if (epoll_wait(*(int *) arg, &ev, 1, 300) == 1)
		__atomic_add_fetch(&waited, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void threads(void)
{
	int ep = epoll_create1(0), e = eventfd(0, 0);
	pthread_t t[3];
	uint64_t n = 1;

	control(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET);
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, waiter, &ep);
	sleep_ms(50);
	write(e, &n, 8);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	CHECK("edge: one thread of three is woken", waited == 1);
	close(e);
	close(ep);
}

static void *add_later(void *arg)
{
	uint64_t n = 5;

	sleep_ms(30);
	write(*(int *) arg, &n, 8);
	return NULL;
}

static void counters(void)
{
	int e = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC), ep = epoll_create1(0);
	struct pollfd p = { .fd = e, .events = POLLIN | POLLOUT };
	uint64_t n;
	pthread_t thread;
	fd_set set;

	CHECK("an eventfd holds its count", read(e, &n, 8) == 8 && n == 3 && FAILS(read(e, &n, 8), EAGAIN));
	CHECK("adds up",
	      (n = 2, write(e, &n, 8) == 8) && (n = 5, write(e, &n, 8) == 8) && read(e, &n, 8) == 8 && n == 7);
	CHECK("is writable when empty", poll(&p, 1, 0) == 1 && p.revents == POLLOUT);
	n = UINT64_MAX - 1;
	CHECK("can be full", write(e, &n, 8) == 8 && (n = 1, FAILS(write(e, &n, 8), EAGAIN)) && poll(&p, 1, 0) == 1 &&
				     p.revents == POLLIN);
	n = UINT64_MAX;
	CHECK("does not take all ones, nor few bytes", FAILS(write(e, &n, 8), EINVAL) && FAILS(read(e, &n, 4), EINVAL));
	close(e);
	e = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	CHECK("a semaphore counts down",
	      read(e, &n, 8) == 8 && n == 1 && read(e, &n, 8) == 8 && n == 1 && FAILS(read(e, &n, 8), EAGAIN));
	fcntl(e, F_SETFL, 0);
	pthread_create(&thread, NULL, add_later, &e);
	CHECK("reading waits", read(e, &n, 8) == 8 && n == 1);
	pthread_join(thread, NULL);
	FD_ZERO(&set);
	FD_SET(e, &set);
	CHECK("select sees it", select(e + 1, &set, NULL, NULL, NULL) == 1 && FD_ISSET(e, &set));
	control(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET);
	n = 1;
	CHECK("each write is an edge",
	      one(ep, e) == EPOLLIN && one(ep, e) == 0 && write(e, &n, 8) == 8 && one(ep, e) == EPOLLIN);
	close(e);
	close(ep);
}

static void timers(void)
{
	int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), ep = epoll_create1(0);
	struct itimerspec ts = { .it_value = { 0, 30000000 } }, got;
	struct epoll_event ev;
	struct timespec now;
	uint64_t n;
	int64_t from = now_ms();

	CHECK("a timer is made, of a clock there is", t >= 0 && FAILS(timerfd_create(77, 0), EINVAL));
	CHECK("it is disarmed", !timerfd_gettime(t, &got) && !got.it_value.tv_sec && !got.it_value.tv_nsec &&
					FAILS(read(t, &n, 8), EAGAIN));
	control(ep, EPOLL_CTL_ADD, t, EPOLLIN);
	CHECK("it is set", !timerfd_settime(t, 0, &ts, NULL) && !timerfd_gettime(t, &got) && got.it_value.tv_nsec > 0 &&
				   got.it_value.tv_nsec <= 30000000);
	CHECK("epoll waits for it", epoll_wait(ep, &ev, 1, 5000) == 1 && now_ms() - from >= 29);
	CHECK("it expired once", read(t, &n, 8) == 8 && n == 1 && FAILS(read(t, &n, 8), EAGAIN));
	ts.it_interval.tv_nsec = 10000000;
	timerfd_settime(t, 0, &ts, NULL);
	sleep_ms(100);
	CHECK("a periodic one several times", read(t, &n, 8) == 8 && n >= 7 && n <= 30);
	fcntl(t, F_SETFL, 0);
	CHECK("and again", read(t, &n, 8) == 8 && n >= 1);
	ts = (struct itimerspec){ 0 };
	CHECK("it is stopped, and tells what it was", !timerfd_settime(t, 0, &ts, &got) &&
							      got.it_interval.tv_nsec == 10000000 &&
							      epoll_wait(ep, &ev, 1, 40) == 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ts.it_value = now;
	ts.it_value.tv_sec += 1000;
	CHECK("absolute time", !timerfd_settime(t, TFD_TIMER_ABSTIME, &ts, NULL) && !timerfd_gettime(t, &got) &&
				       got.it_value.tv_sec >= 998 && got.it_value.tv_sec <= 1000);
	ts.it_value = (struct timespec){ 0, 1 };
	CHECK("in the past has come at once",
	      !timerfd_settime(t, TFD_TIMER_ABSTIME, &ts, NULL) && read(t, &n, 8) == 8 && n == 1);
	ts.it_value.tv_nsec = 1000000000;
	CHECK("bad times are refused", FAILS(timerfd_settime(t, 0, &ts, NULL), EINVAL) &&
					       FAILS(timerfd_settime(ep, 0, &got, NULL), EINVAL) &&
					       FAILS(timerfd_settime(999, 0, &got, NULL), EBADF));
	close(t);
	close(ep);
}

static void *signal_later(void *arg)
{
	sleep_ms(30);
	kill(getpid(), SIGUSR2);
	return NULL;
}

static volatile sig_atomic_t handled;
static void handler(int signo)
{
	handled++;
}

static void signals(void)
{
	int s, ep = epoll_create1(0);
	struct signalfd_siginfo info[3];
	struct epoll_event ev;
	pthread_t thread;
	sigset_t set, none;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	s = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	CHECK("a signalfd is made", s >= 0 && FAILS(read(s, info, sizeof(info)), EAGAIN));
	kill(getpid(), SIGUSR1);
	CHECK("a blocked signal is read",
	      read(s, info, sizeof(info)) == sizeof(info[0]) && info[0].ssi_signo == SIGUSR1 &&
		      info[0].ssi_pid == (uint32_t) getpid() && info[0].ssi_code == SI_USER);
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 42 });
	sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 43 });
	CHECK("queued ones come with their values", read(s, info, sizeof(info)) == 2 * sizeof(info[0]) &&
							    info[0].ssi_int == 42 && info[1].ssi_int == 43 &&
							    info[1].ssi_code == SI_QUEUE);
	CHECK("few bytes are EINVAL", FAILS(read(s, info, 100), EINVAL));
	control(ep, EPOLL_CTL_ADD, s, EPOLLIN);
	CHECK("epoll: nothing", one(ep, s) == 0);
	pthread_create(&thread, NULL, signal_later, NULL);
	CHECK("epoll: a signal", epoll_wait(ep, &ev, 1, 5000) == 1);
	pthread_join(thread, NULL);
	sigdelset(&set, SIGUSR2);
	CHECK("the set can be changed", signalfd(s, &set, 0) == s && FAILS(read(s, info, sizeof(info)), EAGAIN));
	sigaddset(&set, SIGUSR2);
	signalfd(s, &set, 0);
	CHECK("and back", read(s, info, sizeof(info)) == sizeof(info[0]) && info[0].ssi_signo == SIGUSR2);
	fcntl(s, F_SETFL, 0);
	pthread_create(&thread, NULL, signal_later, NULL);
	CHECK("reading waits", read(s, info, sizeof(info)) == sizeof(info[0]));
	pthread_join(thread, NULL);
	close(s);

	signal(SIGUSR2, handler);
	pthread_create(&thread, NULL, signal_later, NULL);
	CHECK("epoll_pwait lets a signal in", FAILS(epoll_pwait(ep, &ev, 1, 5000, &none), EINTR) && handled == 1);
	pthread_join(thread, NULL);
	kill(getpid(), SIGUSR2);
	CHECK("which is blocked again afterwards", handled == 1 && epoll_wait(ep, &ev, 1, 10) == 0 && handled == 1);
	CHECK("and one that was pending comes in at once",
	      FAILS(epoll_pwait(ep, &ev, 1, 5000, &none), EINTR) && handled == 2);
	close(ep);
}

int main(void)
{
	levels();
	many();
	threads();
	counters();
	timers();
	signals();
	return check_failed;
}
