/* stats.h: figures about the guest, the application, programs and processes, as the control channel sends them and the
 * shell prints them. Each function steps to the next one by number, so that the world may change in between. */
#ifndef UIO_OVERLAY_STATS_H
#define UIO_OVERLAY_STATS_H

#include "overlay/program.h"
#include "proto/msg.h"

#define STATS_MAX 24

struct stats {
	enum stats_subject subject;
	int pid;			/* 0: the system; -1: before the first */
	char name[32];
	unsigned count;			/* of values, and of names */
	const char *names;		/* one behind the other, each ends in its unit and a 0 byte */
	uint64_t values[STATS_MAX];
};
/* Goes on to the system, the application, then programs by pid. Start with .pid = -1. False: there is none left. */
bool stats_next(struct stats *s);

/* The process with the lowest pid above `pid`. Strings live as long as the process: copy them before blocking.
 * command: arguments joined by spaces, cut to its size. */
bool stats_next_process(int pid, struct msg_ps_row *ret, char *command, size_t size);

#endif
