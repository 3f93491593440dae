/*
 * virtio_console.h: byte channels to the host: the ports of a virtio console (virtio 1.2, 5.3), with or without
 * multiport. One device with up to 16 ports; a second device is left alone.
 *
 * A port is used by one party, which finds it by name once and keeps it; nothing here blocks. `readers` and `writers`
 * are woken, and the event function is called, from interrupt context.
 */
#ifndef UIO_DRIVERS_VIRTIO_CONSOLE_H
#define UIO_DRIVERS_VIRTIO_CONSOLE_H

#include "kernel/types.h"
#include "kernel/waitq.h"

#define VPORTS_MAX 16
#define VPORT_NAME_MAX 32 /* with the final NUL; longer names are cut */

struct vport;

/* The port of that name ("uio.shell"), opened on our side, or NULL. "uio.console" is the port so named, else the
 * virtconsole (port 0) whatever its name. The first call may wait, at most 100 ms, for the device to name its ports. A
 * port that the host adds later is found by a later call. May allocate; not in interrupt context. */
struct vport *vport_find(const char *name);
/* The same by number, 0 .. VPORTS_MAX - 1. */
struct vport *vport_find_nr(unsigned nr);
const char *vport_name(const struct vport *p); /* "" if it has none */
unsigned vport_nr(const struct vport *p);

/* Takes up to n received bytes; 0 if there are none now. What was received before the host closed stays readable. */
size_t vport_read(struct vport *p, void *buf, size_t n);
/* Bytes that vport_read() would give now. */
size_t vport_readable(struct vport *p);
/* Drops what was received and not read. */
void vport_discard(struct vport *p);

/* Queues up to n bytes and returns how many were taken; with fewer than n, `writers` is woken when there is room again.
 * While nobody is on the host's side, bytes to a port that is no console are taken and dropped; so are all bytes when
 * the device is gone. */
size_t vport_write(struct vport *p, const void *buf, size_t n);
/* Bytes that vport_write() would take now. */
size_t vport_writable(struct vport *p);
/* Waits, spinning, until the device has taken all that was written, or the time is over: before the guest ends. */
void vport_flush(struct vport *p, uint64_t timeout_ns);

/* Somebody is connected on the host's side. A console port counts as connected while its device lives. */
bool vport_host_open(const struct vport *p);
/* How often the host's side was opened: tells a reader that its peer has changed. */
unsigned vport_generation(const struct vport *p);
/* Window size as the host last told it; false if it never did. */
bool vport_size(const struct vport *p, unsigned *ret_rows, unsigned *ret_cols);

struct waitq *vport_readers(struct vport *p);
struct waitq *vport_writers(struct vport *p);
/* fn is called in interrupt context after bytes came in, room came free for a short write, the host's side opened or
 * closed, or the size changed; it may only wake or note. NULL: none. */
void vport_on_event(struct vport *p, void (*fn)(struct vport *p, void *ctx), void *ctx);

#endif
