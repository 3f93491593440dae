/* pointers.c ADDRESS [LENGTH]: passes an address that is not the program's to every system call that reads or writes memory.
 * Each must answer EFAULT and leave the memory as it is; the calls that are made for this are in the table. */
#include "hostile.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#define P 0xabadabad0001UL /* the address */
#define L 0xabadabad0002UL /* its length */
#define F 0xabadabad0003UL /* a file with something in it */
#define G 0xabadabad0004UL /* good memory */
#define IOV 0xabadabad0005UL /* a vector with the address in it */
#define D 0xabadabad0006UL /* a directory */
#define R 0xabadabad0007UL /* the reading end of a pipe that has something in it */
#define S 0xabadabad0008UL /* a socket that has something in it */
#define E 0xabadabad0009UL /* an epoll descriptor that has an event */
#define T 0xabadabad000aUL /* a timer's descriptor */

static const struct {
	const char *name;
	long nr;
	unsigned long args[6];
} calls[] = {
	{ "read", SYS_read, { F, P, L } },
	{ "read of a pipe", SYS_read, { R, P, L } },
	{ "pread64", SYS_pread64, { F, P, L, 0 } },
	{ "write", SYS_write, { F, P, L } },
	{ "pwrite64", SYS_pwrite64, { F, P, L, 0 } },
	{ "readv, vector", SYS_readv, { F, P, 1 } },
	{ "readv, memory", SYS_readv, { F, IOV, 1 } },
	{ "writev, vector", SYS_writev, { F, P, 1 } },
	{ "writev, memory", SYS_writev, { F, IOV, 1 } },
	{ "preadv", SYS_preadv, { F, IOV, 1, 0 } },
	{ "pwritev", SYS_pwritev, { F, IOV, 1, 0 } },
	{ "open", SYS_open, { P, 0 } },
	{ "openat", SYS_openat, { (unsigned long) AT_FDCWD, P, 0 } },
	{ "stat, path", SYS_stat, { P, G } },
	{ "fstat", SYS_fstat, { F, P } },
	{ "newfstatat", SYS_newfstatat, { F, G, P, AT_EMPTY_PATH } },
	{ "statx", SYS_statx, { F, G, AT_EMPTY_PATH, 0xfff, P } },
	{ "fstatfs", SYS_fstatfs, { F, P } },
	{ "access", SYS_access, { P, 0 } },
	{ "getdents64", SYS_getdents64, { D, P, 4096 } },
	{ "getcwd", SYS_getcwd, { P, 4096 } },
	{ "chdir", SYS_chdir, { P } },
	{ "mkdir", SYS_mkdir, { P, 0700 } },
	{ "unlink", SYS_unlink, { P } },
	{ "rename", SYS_rename, { P, G } },
	{ "symlink", SYS_symlink, { P, G } },
	{ "readlink, path", SYS_readlink, { P, G, 100 } },
	{ "truncate", SYS_truncate, { P, 0 } },
	{ "chmod", SYS_chmod, { P, 0700 } },
	{ "execve", SYS_execve, { P, G, G } },
	{ "utimensat", SYS_utimensat, { (unsigned long) AT_FDCWD, P, 0, 0 } },
	{ "pipe2", SYS_pipe2, { P, 0 } },
	{ "poll", SYS_poll, { P, 1, 0 } },
	{ "ppoll", SYS_ppoll, { P, 1, 0, 0, 8 } },
	{ "select", SYS_select, { 1, P, 0, 0, G } },
	{ "pselect6", SYS_pselect6, { 1, P, 0, 0, G, 0 } },
	{ "fcntl F_GETLK", SYS_fcntl, { F, F_GETLK, P } },
	{ "fcntl F_SETLK", SYS_fcntl, { F, F_SETLK, P } },
	{ "ioctl FIONREAD", SYS_ioctl, { R, 0x541b, P } },
	{ "mincore", SYS_mincore, { G, 4096, P } },
	{ "nanosleep", SYS_nanosleep, { P, 0 } },
	{ "clock_nanosleep", SYS_clock_nanosleep, { 1, 0, P, 0 } },
	{ "clock_gettime", SYS_clock_gettime, { 1, P } },
	{ "clock_getres", SYS_clock_getres, { 1, P } },
	{ "gettimeofday", SYS_gettimeofday, { P, 0 } },
	{ "time", SYS_time, { P } },
	{ "times", SYS_times, { P } },
	{ "getrusage", SYS_getrusage, { 0, P } },
	{ "getitimer", SYS_getitimer, { 0, P } },
	{ "setitimer", SYS_setitimer, { 0, P, 0 } },
	{ "setitimer, old", SYS_setitimer, { 0, G, P } },
	{ "futex wait", SYS_futex, { P, 0, 0, G } },
	{ "futex wait, time", SYS_futex, { G, 0, 0, P } },
	{ "futex requeue", SYS_futex, { P, 4, 1, 1, G, 0 } },
	{ "futex wake op", SYS_futex, { G, 5, 1, 1, P, 0x01001000 } },
	{ "rt_sigaction", SYS_rt_sigaction, { SIGUSR1, P, 0, 8 } },
	{ "rt_sigaction, old", SYS_rt_sigaction, { SIGUSR1, 0, P, 8 } },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, { 0, P, 0, 8 } },
	{ "rt_sigprocmask, old", SYS_rt_sigprocmask, { 0, 0, P, 8 } },
	{ "rt_sigpending", SYS_rt_sigpending, { P, 8 } },
	{ "rt_sigtimedwait", SYS_rt_sigtimedwait, { P, 0, G, 8 } },
	{ "rt_sigsuspend", SYS_rt_sigsuspend, { P, 8 } },
	{ "sigaltstack", SYS_sigaltstack, { P, 0 } },
	{ "sigaltstack, old", SYS_sigaltstack, { 0, P } },
	{ "uname", SYS_uname, { P } },
	{ "sysinfo", SYS_sysinfo, { P } },
	{ "getrlimit", SYS_getrlimit, { 7, P } },
	{ "prlimit64", SYS_prlimit64, { 0, 7, 0, P } },
	{ "prlimit64, new", SYS_prlimit64, { 0, 7, P, 0 } },
	{ "getrandom", SYS_getrandom, { P, L, 0 } },
	{ "sched_getaffinity", SYS_sched_getaffinity, { 0, 8, P } },
	{ "getcpu", SYS_getcpu, { P, 0, 0 } },
	{ "getresuid", SYS_getresuid, { P, P, P } },
	{ "get_robust_list", SYS_get_robust_list, { 0, P, G } },
	{ "arch_prctl, fs", SYS_arch_prctl, { 0x1003, P } },
	{ "prctl, get name", SYS_prctl, { 16, P } },
	{ "prctl, set name", SYS_prctl, { 15, P } },
	{ "sendfile, offset", SYS_sendfile, { F, F, P, 8 } },
	{ "wait4", SYS_wait4, { (unsigned long) -1, P, 0, 0 } },
	{ "waitid", SYS_waitid, { 0, 0, P, WEXITED, 0 } },
	{ "socketpair", SYS_socketpair, { 1, 1, 0, P } },
	{ "bind", SYS_bind, { S, P, 16 } },
	{ "connect", SYS_connect, { S, P, 16 } },
	{ "getsockname", SYS_getsockname, { S, P, G } },
	{ "getsockname, length", SYS_getsockname, { S, G, P } },
	{ "sendto", SYS_sendto, { S, P, L, 0, 0, 0 } },
	{ "recvfrom", SYS_recvfrom, { S, P, L, 0, 0, 0 } },
	{ "sendmsg", SYS_sendmsg, { S, P, 0 } },
	{ "recvmsg", SYS_recvmsg, { S, P, 0 } },
	{ "getsockopt", SYS_getsockopt, { S, 1, 3, P, G } },
	{ "setsockopt", SYS_setsockopt, { S, 1, 7, P, 4 } },
	{ "epoll_ctl", SYS_epoll_ctl, { E, 1, R, P } },
	{ "epoll_wait", SYS_epoll_wait, { E, P, 4, 0 } },
	{ "timerfd_settime", SYS_timerfd_settime, { T, 0, P, 0 } },
	{ "timerfd_gettime", SYS_timerfd_gettime, { T, P } },
	{ "signalfd4", SYS_signalfd4, { (unsigned long) -1, P, 8, 0 } },
	{ "clone, parent's tid", SYS_clone, { 0x00100000 | SIGCHLD, 0, P, 0, 0 } },
};

static char good[8192] __attribute__((aligned(4096)));

int main(int argc, char **argv)
{
	unsigned long at = number(argc, argv, 1), len = argc > 2 ? number(argc, argv, 2) : 64;
	struct iovec iov = { (void *) at, len };
	int file = open("/tmp/pointers", O_RDWR | O_CREAT | O_TRUNC, 0600), directory = open("/", O_RDONLY | O_DIRECTORY), p[2], s[2] = { -1, -1 };
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	unsigned refused = 0;

	signal(SIGXFSZ, SIG_IGN);
	memset(good, 0, sizeof(good));
	if (file < 0 || directory < 0 || pipe(p) || write(file, "0123456789abcdef0123456789abcdef", 32) != 32 ||
	    write(p[1], "0123456789abcdef", 16) != 16)
		return 99;
	/* Where there are sockets. */
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0)
		write(s[1], "0123456789abcdef", 16);
	*(int *) good = 64; /* a length */
	epoll_ctl(epoll, EPOLL_CTL_ADD, s[0], &event);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		unsigned long a[6];
		long r;

		for (int k = 0; k < 6; k++) {
			unsigned long v = calls[i].args[k];

			a[k] = v == P ? at : v == L ? len : v == F ? (unsigned) file : v == D ? (unsigned) directory : v == R ? (unsigned) p[0] :
			       v == S ? (unsigned) s[0] : v == E ? (unsigned) epoll : v == T ? (unsigned) timer :
			       v == G ? (unsigned long) good : v == IOV ? (unsigned long) &iov : v;
		}
		lseek(file, 0, SEEK_SET);
		/* Something to wait for. */
		if (calls[i].nr == SYS_wait4 || calls[i].nr == SYS_waitid)
			if (fork() == 0)
				_exit(0);
		r = syscall(calls[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		/* A child's tid that cannot be stored is no reason not to make the child. */
		if (calls[i].nr == SYS_clone) {
			if (r == 0)
				_exit(0);
			continue;
		}
		if (r >= 0 && calls[i].nr == SYS_time && r == -1)
			continue;
		if (r != -1)
			ESCAPED("%s(0x%lx) gives %ld", calls[i].name, at, r);
		else if (errno != EFAULT && errno != ENOSYS && !(argc > 2 && errno == EINVAL))
			printf("%s: errno %d instead of EFAULT\n", calls[i].name, errno);
		else
			refused++;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	unlink("/tmp/pointers");
	printf("%u of %zu refused\n", refused, sizeof(calls) / sizeof(calls[0]));
	return hostile_escaped;
}
