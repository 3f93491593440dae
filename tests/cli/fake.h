/*
 * fake.h: a stand-in for QEMU with a guest in it, so that the uio command is tested from end to end in milliseconds and
 * can be shown a guest that misbehaves. It takes QEMU's command line (UIO_QEMU), listens on the sockets named there and
 * answers with the guest's side of the protocol. Programs of EXEC are run on the host, in the folder $FAKE_ROOT.
 */
#ifndef TESTS_CLI_FAKE_H
#define TESTS_CLI_FAKE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/frame.h"

#define PORTS		6	/* console, shell, four ctl */
#define FIRST_CTL	2

/* One port: a listening socket and the one client that it has. The console has stdin for a client. */
struct port {
	char path[256];
	int listener;		/* -1: none */
	int client;		/* -1: none */
	struct frame_parser parser;
	uint8_t buf[FRAME_MAX];
};

/* The end of the guest: writes the kernel's last line and exits as QEMU would. */
_Noreturn void fake_exit(int status);
void fake_log(const char *line);

/* Control connection: a client came; a frame came; time passes (called often). */
void ctl_reset(struct port *port);
void ctl_frame(struct port *port, const struct frame *frame);
void ctl_poll(void);
/* Descriptors to poll besides the ports'. Returns how many were added. */
struct pollfd;
size_t ctl_pollfds(struct pollfd *fds, size_t room);

/* Bytes that have come on the console since boot, and the count after which it is at its end (~0: none). */
extern uint64_t console_bytes, console_eof;

#endif
