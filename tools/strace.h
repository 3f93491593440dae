/* strace.h: between tools/strace.bpf.c and tools/strace.c: one system call, with what its first two pointers led to. */
#ifndef TOOLS_STRACE_H
#define TOOLS_STRACE_H

#define STRACE_NUMBERS 512
#define STRACE_SLOTS   2
#define STRACE_DATA    128 /* bytes in a slot */

/* What a slot takes from where an argument points. */
enum strace_kind {
	STRACE_NOTHING,
	STRACE_STRING,	  /* when the call begins */
	STRACE_BYTES_IN,  /* the next argument is their number */
	STRACE_BYTES_OUT, /* when the call ends: as many as it returned */
	STRACE_FIXED_IN,  /* `size` bytes when the call begins */
	STRACE_FIXED_OUT, /* ... ends */
	STRACE_SIZED_OUT, /* when it ends: the next argument points to their number, of 4 bytes */
	STRACE_IOV_IN, /* struct iovec, the next argument is their number; the other slot gets the first one's bytes */
	STRACE_IOV_OUT,
};

struct strace_fetch {
	unsigned char kind, arg, size, unused;
};

struct strace_event {
	unsigned long start_ns, ns; /* monotonic */
	unsigned int tid;
	unsigned short nr;
	unsigned short unfinished; /* it has not come back */
	unsigned short lengths[STRACE_SLOTS + 2];
	unsigned long args[8]; /* six of them */
	long ret;
	char data[STRACE_SLOTS][STRACE_DATA];
};

#endif
