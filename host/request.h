/*
 * request.h: one request, one answer: the sessions that have no streams. Longer ones are in exec.h and copy.h.
 */
#ifndef HOST_REQUEST_H
#define HOST_REQUEST_H

#include "host/client.h"

/* Called for each frame of the session that does not end it. */
typedef void (*request_row)(const struct frame *frame, void *context);

/*
 * Sends the request and waits for OK. Returns 0, or the negative errno of the guest's ERROR (or of the connection) with
 * *ret_text saying why; the caller frees it. size may be an encoder's error.
 */
int request(struct client *c, uint16_t type, const void *payload, int size, request_row row, void *context,
	    char **ret_text);

/* What an ERROR frame says: its negative errno, and "TEXT" or the errno's name in *ret_text. */
int request_error(const struct frame *frame, char **ret_text);

/* KILL, with connection and all. */
int request_kill(const struct vm *vm, uint32_t pid, int signal, int timeout_ms, char **ret_text);

#endif
