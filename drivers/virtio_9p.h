/*
 * virtio_9p.h: carries 9P messages to the host (virtio 1.2, 5.9 is reserved; the device is QEMU's and Linux's
 * include/uapi/linux/virtio_9p.h). It knows messages as bytes; fs/ knows what they say. Several may be under way at
 * once.
 *
 * A wait ends after 30 seconds (boot option uio.9p_timeout=DURATION) with -EIO. The device then still owns the
 * request's memory, which is given back when the answer comes after all.
 */
#ifndef UIO_DRIVERS_VIRTIO_9P_H
#define UIO_DRIVERS_VIRTIO_9P_H

#include "kernel/types.h"

struct p9_transport;

/* A piece of a read's or write's payload: within one page frame. */
struct p9_segment {
	struct paddr at;
	uint32_t len;
};

/* The transport whose mount tag is `tag`. -ENOENT if there is none. It lives for ever. */
int p9_transport_find(const char *tag, struct p9_transport **ret);

/* Sends the message tx and waits for the answer, of which at most rxcap bytes are stored (pages are set aside for
 * rxcap bytes: ask for no more than the answer can have). Both messages together take at most 120 pages: -E2BIG.
 * -ENOMEM, -EIO. Blocks; not in interrupt context. */
int p9_rpc(struct p9_transport *t, const void *tx, size_t txlen, void *rx, size_t rxcap, size_t *ret_rxlen);

/* The same with a payload that is not copied. device_writes false: the payload follows tx (Twrite; size[4] of the
 * message counts it). true: the device puts the answer's first rxcap bytes into rx and what follows into the payload
 * (Rread: rxcap is 11, which also holds an Rlerror). *ret_rxlen counts the whole answer, payload included. The frames
 * get a reference for as long as the device may touch them. -EINVAL if a segment is empty or crosses a page border. */
int p9_rpc_zc(struct p9_transport *t, const void *tx, size_t txlen, void *rx, size_t rxcap,
	      const struct p9_segment *payload, unsigned count, bool device_writes, size_t *ret_rxlen);

#endif
