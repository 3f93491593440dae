/*
 * bpf_follow.h: taking in what a loaded object's programs print and put into ring buffers, until a time, ^C, or its
 * end.
 */
#ifndef HOST_BPF_FOLLOW_H
#define HOST_BPF_FOLLOW_H

#include "host/bpf.h"

enum follow_end {
	FOLLOW_TIME,   /* the time has come */
	FOLLOW_SIGNAL, /* SIGINT or SIGTERM */
	FOLLOW_ENDED,  /* the guest closed the session */
};

/* Before the object is loaded: from here SIGINT and SIGTERM end follow(), and a second one ends the program. */
void follow_signals(void);
/* Whether one has come. */
bool follow_stopped(void);

/* Calls row() for what comes in the session, until monotonic_ns() is until_ns (UINT64_MAX: no limit). Ends the program
 * when the guest is gone. */
enum follow_end follow(struct bpf_call *call, uint32_t session, uint64_t until_ns, bpf_row row, void *context);
/* The same, whether a signal came or not. */
enum follow_end follow_more(struct bpf_call *call, uint32_t session, uint64_t until_ns, bpf_row row, void *context);
/* Closes the session and takes what still comes: the guest sends everything that lies in its buffers. */
void follow_close(struct bpf_call *call, uint32_t session, bpf_row row, void *context);

#endif
