/* strace_calls.h: the prototypes of system calls as uio strace prints them. */
#ifndef TOOLS_STRACE_CALLS_H
#define TOOLS_STRACE_CALLS_H

#include <stdbool.h>
#include <stdio.h>

#include "tools/strace.h"

/* What an argument is. What points somewhere says what tools/strace.bpf.c takes from there. */
enum strace_type {
	T_NONE, /* no more arguments */
	T_INT,
	T_UNSIGNED,
	T_LONG,
	T_HEX,
	T_OCTAL,
	T_POINTER,
	T_FD,
	T_AT_FD,
	T_STRING,
	T_BYTES_IN,
	T_BYTES_OUT,
	T_IOV_IN,
	T_IOV_OUT,
	T_SOCKADDR_IN,
	T_SOCKADDR_OUT,
	T_TIMESPEC_IN,
	T_TIMESPEC_OUT,
	T_TIMEVAL_OUT,
	T_EPOLL_IN,
	T_EPOLL_OUT,
	T_FDS_OUT,
	T_STAT_OUT,
	T_POLL_IN,
	T_INT_IN,
	T_RLIMIT_OUT,
	/* Numbers with names. */
	T_OPEN,
	T_MODE,
	T_ACCESS,
	T_PROT,
	T_MAP,
	T_MADVISE,
	T_WHENCE,
	T_FCNTL,
	T_IOCTL,
	T_CLOCK,
	T_SIGNAL,
	T_SIGMASK,
	T_FUTEX,
	T_FAMILY,
	T_SOCKET,
	T_LEVEL,
	T_OPTION,
	T_MSG,
	T_SHUTDOWN,
	T_EPOLL_OP,
	T_CLOEXEC,
	T_AT_FLAGS,
	T_RLIMIT,
	T_FLOCK,
};

struct strace_call {
	const char *name;
	enum strace_type types[7];
	bool hex_result;
};

/* The prototype of a call; NULL: it is printed as six numbers. */
const struct strace_call *strace_call(const char *name);
/* What the kernel's side has to take for a type. */
struct strace_fetch strace_fetch_of(enum strace_type type, unsigned arg);

/* strace_args.c: the event in the `size` bytes that a guest sent, which may be anything; false: there is none. What it says of
 * its slots is true of them. */
bool strace_event_read(const void *data, size_t size, struct strace_event *ret);
/* Writes argument `i` of the event as text. `limit`: bytes of a string that are shown. */
void strace_print_arg(FILE *f, const struct strace_event *e, const struct strace_call *c, unsigned i, unsigned limit);
/* The number of its arguments that are printed. */
unsigned strace_arg_count(const struct strace_event *e, const struct strace_call *c);

#endif
