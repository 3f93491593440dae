/*
 * strace_calls.c: prototypes of Linux's system calls (x86-64). See strace_calls.h.
 */
#include <stdbool.h>
#include <string.h>

#include "tools/strace_calls.h"

static const struct strace_call calls[] = {
	/* Files. */
	{"read", {T_FD, T_BYTES_OUT, T_UNSIGNED}},
	{"write", {T_FD, T_BYTES_IN, T_UNSIGNED}},
	{"pread64", {T_FD, T_BYTES_OUT, T_UNSIGNED, T_LONG}},
	{"pwrite64", {T_FD, T_BYTES_IN, T_UNSIGNED, T_LONG}},
	{"readv", {T_FD, T_IOV_OUT, T_INT}},
	{"writev", {T_FD, T_IOV_IN, T_INT}},
	{"open", {T_STRING, T_OPEN, T_MODE}},
	{"openat", {T_AT_FD, T_STRING, T_OPEN, T_MODE}},
	{"creat", {T_STRING, T_OCTAL}},
	{"close", {T_FD}},
	{"stat", {T_STRING, T_STAT_OUT}},
	{"lstat", {T_STRING, T_STAT_OUT}},
	{"fstat", {T_FD, T_STAT_OUT}},
	{"newfstatat", {T_AT_FD, T_STRING, T_STAT_OUT, T_AT_FLAGS}},
	{"statx", {T_AT_FD, T_STRING, T_AT_FLAGS, T_HEX, T_POINTER}},
	{"lseek", {T_FD, T_LONG, T_WHENCE}},
	{"access", {T_STRING, T_ACCESS}},
	{"faccessat", {T_AT_FD, T_STRING, T_ACCESS}},
	{"faccessat2", {T_AT_FD, T_STRING, T_ACCESS, T_AT_FLAGS}},
	{"readlink", {T_STRING, T_BYTES_OUT, T_UNSIGNED}},
	{"readlinkat", {T_AT_FD, T_STRING, T_BYTES_OUT, T_UNSIGNED}},
	{"getcwd", {T_BYTES_OUT, T_UNSIGNED}},
	{"chdir", {T_STRING}},
	{"fchdir", {T_FD}},
	{"mkdir", {T_STRING, T_OCTAL}},
	{"mkdirat", {T_AT_FD, T_STRING, T_OCTAL}},
	{"rmdir", {T_STRING}},
	{"unlink", {T_STRING}},
	{"unlinkat", {T_AT_FD, T_STRING, T_AT_FLAGS}},
	{"rename", {T_STRING, T_STRING}},
	{"renameat", {T_AT_FD, T_STRING, T_AT_FD, T_STRING}},
	{"renameat2", {T_AT_FD, T_STRING, T_AT_FD, T_STRING, T_HEX}},
	{"link", {T_STRING, T_STRING}},
	{"symlink", {T_STRING, T_STRING}},
	{"chmod", {T_STRING, T_OCTAL}},
	{"fchmod", {T_FD, T_OCTAL}},
	{"chown", {T_STRING, T_INT, T_INT}},
	{"fchown", {T_FD, T_INT, T_INT}},
	{"truncate", {T_STRING, T_LONG}},
	{"ftruncate", {T_FD, T_LONG}},
	{"fallocate", {T_FD, T_HEX, T_LONG, T_LONG}},
	{"fsync", {T_FD}},
	{"fdatasync", {T_FD}},
	{"sync", {T_NONE}},
	{"sync_file_range", {T_FD, T_LONG, T_LONG, T_HEX}},
	{"flock", {T_FD, T_FLOCK}},
	{"fcntl", {T_FD, T_FCNTL, T_HEX}},
	{"ioctl", {T_FD, T_IOCTL, T_POINTER}},
	{"dup", {T_FD}},
	{"dup2", {T_FD, T_FD}},
	{"dup3", {T_FD, T_FD, T_CLOEXEC}},
	{"pipe", {T_FDS_OUT}},
	{"pipe2", {T_FDS_OUT, T_CLOEXEC}},
	{"sendfile", {T_FD, T_FD, T_POINTER, T_UNSIGNED}},
	{"getdents64", {T_FD, T_POINTER, T_UNSIGNED}},
	{"umask", {T_OCTAL}},
	{"statfs", {T_STRING, T_POINTER}},
	{"fstatfs", {T_FD, T_POINTER}},
	{"mount", {T_STRING, T_STRING, T_POINTER, T_HEX, T_POINTER}},
	{"umount2", {T_STRING, T_INT}},
	{"utimensat", {T_AT_FD, T_STRING, T_POINTER, T_AT_FLAGS}},
	/* Memory. */
	{"brk", {T_POINTER}, true},
	{"mmap", {T_POINTER, T_UNSIGNED, T_PROT, T_MAP, T_FD, T_HEX}, true},
	{"munmap", {T_POINTER, T_UNSIGNED}},
	{"mprotect", {T_POINTER, T_UNSIGNED, T_PROT}},
	{"mremap", {T_POINTER, T_UNSIGNED, T_UNSIGNED, T_HEX, T_POINTER}, true},
	{"madvise", {T_POINTER, T_UNSIGNED, T_MADVISE}},
	{"msync", {T_POINTER, T_UNSIGNED, T_HEX}},
	/* Sockets. */
	{"socket", {T_FAMILY, T_SOCKET, T_INT}},
	{"socketpair", {T_FAMILY, T_SOCKET, T_INT, T_FDS_OUT}},
	{"bind", {T_FD, T_SOCKADDR_IN, T_UNSIGNED}},
	{"connect", {T_FD, T_SOCKADDR_IN, T_UNSIGNED}},
	{"listen", {T_FD, T_INT}},
	{"accept", {T_FD, T_SOCKADDR_OUT, T_POINTER}},
	{"accept4", {T_FD, T_SOCKADDR_OUT, T_POINTER, T_SOCKET}},
	{"getsockname", {T_FD, T_SOCKADDR_OUT, T_POINTER}},
	{"getpeername", {T_FD, T_SOCKADDR_OUT, T_POINTER}},
	{"sendto", {T_FD, T_BYTES_IN, T_UNSIGNED, T_MSG, T_SOCKADDR_IN, T_UNSIGNED}},
	{"recvfrom", {T_FD, T_BYTES_OUT, T_UNSIGNED, T_MSG, T_SOCKADDR_OUT, T_POINTER}},
	{"sendmsg", {T_FD, T_POINTER, T_MSG}},
	{"recvmsg", {T_FD, T_POINTER, T_MSG}},
	{"setsockopt", {T_FD, T_LEVEL, T_OPTION, T_INT_IN, T_UNSIGNED}},
	{"getsockopt", {T_FD, T_LEVEL, T_OPTION, T_POINTER, T_POINTER}},
	{"shutdown", {T_FD, T_SHUTDOWN}},
	/* Waiting. */
	{"poll", {T_POLL_IN, T_UNSIGNED, T_INT}},
	{"ppoll", {T_POLL_IN, T_UNSIGNED, T_TIMESPEC_IN, T_POINTER}},
	{"select", {T_INT, T_POINTER, T_POINTER, T_POINTER, T_POINTER}},
	{"epoll_create", {T_INT}},
	{"epoll_create1", {T_CLOEXEC}},
	{"epoll_ctl", {T_FD, T_EPOLL_OP, T_FD, T_EPOLL_IN}},
	{"epoll_wait", {T_FD, T_EPOLL_OUT, T_INT, T_INT}},
	{"epoll_pwait", {T_FD, T_EPOLL_OUT, T_INT, T_INT, T_POINTER, T_UNSIGNED}},
	{"eventfd2", {T_UNSIGNED, T_CLOEXEC}},
	{"futex", {T_POINTER, T_FUTEX, T_UNSIGNED, T_POINTER, T_POINTER, T_UNSIGNED}},
	/* Time. */
	{"nanosleep", {T_TIMESPEC_IN, T_POINTER}},
	{"clock_nanosleep", {T_CLOCK, T_INT, T_TIMESPEC_IN, T_POINTER}},
	{"clock_gettime", {T_CLOCK, T_TIMESPEC_OUT}},
	{"clock_getres", {T_CLOCK, T_TIMESPEC_OUT}},
	{"gettimeofday", {T_TIMEVAL_OUT, T_POINTER}},
	{"time", {T_POINTER}},
	{"setitimer", {T_INT, T_POINTER, T_POINTER}},
	/* Processes, threads, signals. */
	{"exit", {T_INT}},
	{"exit_group", {T_INT}},
	{"getpid", {T_NONE}},
	{"getppid", {T_NONE}},
	{"gettid", {T_NONE}},
	{"getuid", {T_NONE}},
	{"geteuid", {T_NONE}},
	{"getgid", {T_NONE}},
	{"getegid", {T_NONE}},
	{"setsid", {T_NONE}},
	{"fork", {T_NONE}},
	{"vfork", {T_NONE}},
	{"sched_yield", {T_NONE}},
	{"set_tid_address", {T_POINTER}},
	{"set_robust_list", {T_POINTER, T_UNSIGNED}},
	{"arch_prctl", {T_HEX, T_POINTER}},
	{"prctl", {T_INT, T_HEX, T_HEX, T_HEX, T_HEX}},
	{"uname", {T_POINTER}},
	{"sysinfo", {T_POINTER}},
	{"execve", {T_STRING, T_POINTER, T_POINTER}},
	{"wait4", {T_INT, T_POINTER, T_HEX, T_POINTER}},
	{"kill", {T_INT, T_SIGNAL}},
	{"tkill", {T_INT, T_SIGNAL}},
	{"tgkill", {T_INT, T_INT, T_SIGNAL}},
	{"rt_sigaction", {T_SIGNAL, T_POINTER, T_POINTER, T_UNSIGNED}},
	{"rt_sigprocmask", {T_SIGMASK, T_POINTER, T_POINTER, T_UNSIGNED}},
	{"rt_sigsuspend", {T_POINTER, T_UNSIGNED}},
	{"sigaltstack", {T_POINTER, T_POINTER}},
	{"getrlimit", {T_RLIMIT, T_RLIMIT_OUT}},
	{"setrlimit", {T_RLIMIT, T_POINTER}},
	{"prlimit64", {T_INT, T_RLIMIT, T_POINTER, T_RLIMIT_OUT}},
	{"getrusage", {T_INT, T_POINTER}},
	{"getrandom", {T_BYTES_OUT, T_UNSIGNED, T_HEX}},
	{"sched_setaffinity", {T_INT, T_UNSIGNED, T_POINTER}},
	{"sched_getaffinity", {T_INT, T_UNSIGNED, T_POINTER}},
};

const struct strace_call *strace_call(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	return NULL;
}

struct strace_fetch strace_fetch_of(enum strace_type type, unsigned arg)
{
	struct strace_fetch f = {STRACE_NOTHING, (unsigned char)arg, 0, 0};

	switch (type) {
	case T_STRING:
		f.kind = STRACE_STRING;
		break;
	case T_BYTES_IN:
	case T_SOCKADDR_IN:
		f.kind = STRACE_BYTES_IN;
		break;
	case T_BYTES_OUT:
		f.kind = STRACE_BYTES_OUT;
		break;
	case T_SOCKADDR_OUT:
		f.kind = STRACE_SIZED_OUT;
		break;
	case T_IOV_IN:
		f.kind = STRACE_IOV_IN;
		break;
	case T_IOV_OUT:
		f.kind = STRACE_IOV_OUT;
		break;
	case T_TIMESPEC_IN:
		f.kind = STRACE_FIXED_IN;
		f.size = 16;
		break;
	case T_INT_IN:
		f.kind = STRACE_FIXED_IN;
		f.size = 4;
		break;
	case T_EPOLL_IN:
		f.kind = STRACE_FIXED_IN;
		f.size = 12;
		break;
	case T_POLL_IN:
		f.kind = STRACE_FIXED_IN;
		f.size = 8;
		break;
	case T_TIMESPEC_OUT:
	case T_TIMEVAL_OUT:
	case T_RLIMIT_OUT:
		f.kind = STRACE_FIXED_OUT;
		f.size = 16;
		break;
	case T_EPOLL_OUT:
		f.kind = STRACE_FIXED_OUT;
		f.size = 96; /* eight of them */
		break;
	case T_FDS_OUT:
		f.kind = STRACE_FIXED_OUT;
		f.size = 8;
		break;
	case T_STAT_OUT:
		f.kind = STRACE_FIXED_OUT;
		f.size = 56; /* to st_size */
		break;
	default:
		break;
	}
	return f;
}
