/*
 * bpf.h: asking a guest for eBPF: requests that push what the guest says it needs (the loaded part of its kernel, an
 * object), and their rows. docs/protocol.md, "eBPF".
 */
#ifndef HOST_BPF_H
#define HOST_BPF_H

#include "host/client.h"
#include "host/vm.h"

struct bpf_call {
	const struct vm *vm;
	struct client *client;
	const char *object; /* the file of a request that names one by its hash, or NULL */
	uint32_t session;   /* of the last request */
	/* Called for the rows of other sessions that arrive while a request waits for its answer, or NULL. */
	void (*other)(uint32_t session, const struct msg_event *row, void *context);
	void *other_context;
};

/* Called for each row. */
typedef void (*bpf_row)(const struct msg_event *row, void *context);

/* "sha256" of an object as hexadecimal digits, in static storage; ends the program if there is no such file. Sets
 * call->object, so the file is pushed if the guest wants it. */
const char *bpf_hash(struct bpf_call *call, const char *file);

/*
 * Sends `what` with the pairs KEY, TEXT, ... NULL, and waits for its end, or for the row "ready" (then 1: the session
 * stays open). Returns 0, or a negative errno with *ret_text, which the caller frees.
 */
int bpf_request(struct bpf_call *call, bpf_row row, void *context, char **ret_text, const char *what, ...);

/* The same, and ends the program with the text when it fails. */
void bpf_must(struct bpf_call *call, bpf_row row, void *context, const char *what, ...);

/* The text of a row's key, or "". */
const char *bpf_text(const struct msg_event *row, const char *key);
uint64_t bpf_number(const struct msg_event *row, const char *key);
/* Hexadecimal digits into bytes: at most size of them; returns how many. */
size_t bpf_bytes(const char *hex, void *out, size_t size);

#endif
