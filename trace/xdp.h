/* xdp.h: a program on the network device: it sees each packet that arrives before the network's code does, and says what
 * becomes of it. One program at a time. */
#ifndef UIO_TRACE_XDP_H
#define UIO_TRACE_XDP_H

#include "trace/run.h"

#define XDP_DEVICE "eth0"

/* What became of packets, of all that the attached program has seen. */
struct xdp_counts {
	uint64_t aborted; /* dropped: XDP_ABORTED, XDP_REDIRECT, or a number that means nothing */
	uint64_t drop, pass, tx;
	uint64_t lost; /* of those to be sent or passed: there was no room, or the packet is too long now */
};

/* Puts p, an xdp program, on the device. 0; -EBUSY: there is one already; -ENODEV: no network device, or the application
 * has not opened it; -ENOMEM. */
int xdp_attach(struct trace_prog *p);
/* Takes it off, if it is on. What it has sent may still be on its way. */
void xdp_detach(struct trace_prog *p);
/* The counts since p was attached; NULL: it is not. */
const struct xdp_counts *xdp_counts_of(const struct trace_prog *p);

#endif
