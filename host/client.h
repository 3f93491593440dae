/*
 * client.h: a control connection to a running guest: taking a free port, getting in step, sending and receiving frames.
 * Knows frames and the connection's own messages; what a session says is the business of session.h.
 */
#ifndef HOST_CLIENT_H
#define HOST_CLIENT_H

#include <stdint.h>

#include "host/vm.h"
#include "proto/frame.h"
#include "proto/msg.h"

struct client;

/*
 * Connects to the first free control port, waiting until one is free and the guest answers, at most timeout_ms.
 * Returns 0, or a negative errno with *ret_text saying why (the caller frees it).
 */
int client_open(const struct vm *vm, int timeout_ms, struct client **ret_client, char **ret_text);
/* The same with the usual time limit; ends the program with the message on failure. */
struct client *client_get(const struct vm *vm);
void client_close(struct client *c);

/* For poll(). Frames may be waiting although nothing is readable: call client_receive(c, 0, ...) until it gives 0. */
int client_fd(const struct client *c);
uint32_t client_features(const struct client *c);
/* A session number that is not in use. */
uint32_t client_session(struct client *c);

/* Sends one frame; takes in what arrives meanwhile, so that two full pipes cannot block each other. Negative errno. */
int client_send(struct client *c, uint16_t type, uint32_t session, const void *payload, size_t size);
/* Sends a frame whose payload an encoder made: size may be its error. */
int client_send_encoded(struct client *c, uint16_t type, uint32_t session, const void *payload, int size);

/*
 * The next frame: 1; 0 when none came within timeout_ms (-1: no limit); -ECONNRESET when the guest is gone,
 * -EPROTO when it speaks nonsense. The frame's payload is good until the next call.
 */
int client_receive(struct client *c, int timeout_ms, struct frame *ret_frame);

#endif
