/* every_call.c ADDRESS...: every call of linux/syscalls.tbl with each ADDRESS, none of which is the program's, in every
 * argument; with descriptors of every kind, and lengths that are small and that wrap, in the others; and inside of vectors and
 * message headers. calls.h is made from the table, so no call is forgotten. What is read through such an address would
 * appear in a sink (file, pipe, socket); what is written breaks the application's pattern or the kernel. */
#include "hostile.h"

#include <ftw.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

static const struct {
	int nr, args;
	const char *name;
} calls[] = {
#define CALL(nr, name, args) { nr, args, name },
#include "calls.h"
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

#define FOLDER "/tmp/every_call"
#define FDS 9
#define FD_AT 900 /* far from anybody's pid */
#define STUCK_MS 120

static int fds[FDS]; /* file, directory, pipe's ends, socket, listening, epoll, timer, event */
static int sink_pipe, sink_socket;
static unsigned char good[8192] __attribute__((aligned(4096)));
/* Shared with the parent: what is being tried. */
static volatile struct progress {
	unsigned long attempt, done, leaks;
} *progress;

static void on_alarm(int signo) {}

static int keep(int fd)
{
	return fd < 0 ? fd : fcntl(fd, F_DUPFD, FD_AT);
}

static void fill(unsigned long bad)
{
	struct iovec *iov = (struct iovec *) good;
	struct msghdr *m = (struct msghdr *) (good + 2048);

	/* A vector of the address; a message header with such a vector; and words of it for all else. */
	for (int i = 0; i < 64; i++)
		iov[i] = (struct iovec){ (void *) bad, 64 };
	for (int i = 0; i < 8; i++)
		m[i] = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 1, .msg_control = i ? (void *) bad : NULL, .msg_controllen = i ? 64 : 0 };
	for (int i = 0; i < 512; i++)
		((unsigned long *) good)[512 + i] = bad;
}

static void set_up(void)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct itimerval tick = { { 0, 4000 }, { 0, 4000 } };
	struct sigaction a = { .sa_handler = on_alarm };
	int p[2] = { -1, -1 }, q[2] = { -1, -1 }, s[2] = { -1, -1 };

	setsid();
	chdir(FOLDER);
	fds[0] = keep(open(FOLDER "/file", O_RDWR | O_CREAT | O_TRUNC, 0600));
	fds[1] = keep(open("/", O_RDONLY | O_DIRECTORY));
	pipe(p);
	pipe(q);
	fds[2] = keep(p[0]);
	fds[3] = keep(q[1]);
	sink_pipe = keep(q[0]);
	fcntl(sink_pipe, F_SETFL, O_NONBLOCK);
	write(p[1], "ZZZZZZZZ", 8);
	socketpair(AF_UNIX, SOCK_STREAM, 0, s);
	fds[4] = keep(s[0]);
	sink_socket = keep(s[1]);
	fcntl(sink_socket, F_SETFL, O_NONBLOCK);
	fds[5] = keep(socket(AF_UNIX, SOCK_DGRAM, 0));
	fds[6] = keep(epoll_create1(0));
	epoll_ctl(fds[6], EPOLL_CTL_ADD, fds[2], &e);
	fds[7] = keep(timerfd_create(CLOCK_MONOTONIC, 0));
	fds[8] = keep(syscall(SYS_eventfd2, 5, 0));
	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (int i = 0; i < 900; i++)
		close(i);
}

/* All that a program can know here: its own bytes, the address's, and zero. */
static int own(const unsigned char *p, long n, unsigned long bad)
{
	for (long i = 0; i < n; i++) {
		int known = p[i] == 0 || p[i] == 'Z' || p[i] == 64 || p[i] == 1;

		for (int k = 0; k < 8; k++)
			known |= p[i] == (bad >> 8 * k & 0xff) || p[i] == ((unsigned long) good >> 8 * k & 0xff);
		if (!known)
			return 0;
	}
	return 1;
}

static void look(size_t c, unsigned long bad)
{
	unsigned char buf[512];
	long n;

	if ((n = read(sink_pipe, buf, sizeof(buf))) > 0 && !own(buf, n, bad))
		progress->leaks++;
	if ((n = read(sink_socket, buf, sizeof(buf))) > 0 && !own(buf, n, bad))
		progress->leaks++;
	if ((n = pread(fds[0], buf, sizeof(buf), 0)) > 0) {
		if (!own(buf, n, bad))
			progress->leaks++;
		ftruncate(fds[0], 0);
	}
	lseek(fds[0], 0, SEEK_SET);
}

/* Attempts from number `from` on, in a child. */
static void attempts(size_t c, unsigned long from, int count, char **addresses)
{
	unsigned long n = 0;
	pid_t self = getpid();

	set_up();
	for (int i = 0; i < count; i++) {
		unsigned long bad = strtoul(addresses[i], NULL, 0);

		for (int at = -1; at < calls[c].args; at++)
			for (int first = at == 0 ? FDS : 0; first < FDS + 2; first++)
				for (int rest = 0; rest < 4; rest++, n++) {
					static const unsigned long lengths[] = { 0, 64, -1UL };
					unsigned long a[6] = { 0 };

					if (n < from)
						continue;
					progress->attempt = n;
					fill(bad);
					for (int k = 0; k < calls[c].args; k++)
						a[k] = k < at ? (unsigned long) good : rest == 3 ? (unsigned long) good + 2048 : lengths[rest];
					/* A vector or header of one, where a count follows. */
					if (at < 0 && calls[c].args > 2)
						a[1] = (unsigned long) good + (rest & 1) * 2048, a[2] = rest < 2;
					if (calls[c].args)
						a[0] = first < FDS ? (unsigned long) fds[first] : first == FDS ? a[0] : (unsigned long) AT_FDCWD;
					if (at >= 0)
						a[at] = bad;
					syscall(calls[c].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
					if (syscall(SYS_getpid) != self)
						_exit(0);
					look(c, bad);
					progress->done++;
				}
	}
	progress->attempt = -1UL;
	_exit(0);
}

/* What calls that make files left, under the names that the addresses' bytes are. */
static int gone(const char *path, const struct stat *st, int type, struct FTW *f)
{
	chmod(path, 0700);
	remove(path);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned ended = 0, stuck = 0;

	mkdir(FOLDER, 0700);
	progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 1; i <= 64; i++)
		signal(i, i == SIGCHLD ? SIG_DFL : SIG_IGN);
	for (size_t c = 0; c < CALLS; c++) {
		unsigned long from = 0;

		while (from != -1UL) {
			unsigned long seen = from, quiet = 0, done = progress->done;
			pid_t pid;

			progress->attempt = from;
			pid = fork();
			if (pid == 0)
				attempts(c, from, argc - 1, argv + 1);
			if (pid < 0)
				return 98;
			while (waitpid(pid, NULL, WNOHANG) == 0) {
				usleep(1000);
				quiet = progress->done == done ? quiet + 1 : 0;
				done = progress->done;
				if (quiet == STUCK_MS) {
					kill(pid, SIGKILL);
					stuck++;
				}
			}
			seen = progress->attempt;
			from = seen == -1UL ? seen : seen + 1;
			ended += seen != -1UL;
			/* A call that always ends its caller has shown enough. */
			if (ended > 4000)
				break;
		}
		if (progress->leaks) {
			ESCAPED("%s: memory that is not the program's came out", calls[c].name);
			progress->leaks = 0;
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	nftw(FOLDER, gone, 8, FTW_DEPTH | FTW_PHYS);
	printf("%zu calls of the table, %lu attempts refused; %u ended the child, %u waited\n", CALLS, progress->done, ended, stuck);
	return hostile_escaped;
}
