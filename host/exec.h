/*
 * exec.h: one program in the guest: EXEC, its streams, its end. What to run has been decided by the caller.
 */
#ifndef HOST_EXEC_H
#define HOST_EXEC_H

#include <stdbool.h>

#include "host/client.h"

struct exec_result {
	uint32_t pid;		/* in the guest; 0: it never ran */
	int error;		/* 0: it ran; else the negative errno of the refusal, -ENODATA: NEED */
	char *text;		/* of the refusal */
	uint32_t status;	/* wait status */
	uint8_t reason;		/* enum exit_reason */
	char *report;		/* "" if there is none */
};

/*
 * Sends EXEC and joins the program's streams to ours until it has ended. With m->flags EXEC_TTY the user's terminal is
 * raw meanwhile. Returns 0 with *ret_result filled in (the caller frees the strings), or a negative errno when the
 * connection broke.
 */
int exec_run(struct client *c, const struct msg_exec *m, struct exec_result *ret_result);

/* docker's exit code for a wait status. */
int exec_exit_code(uint32_t status);

#endif
