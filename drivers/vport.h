/* vport.h: what virtio_console.c (the device and its control queue) and vport.c (the ports' bytes) share; for no
 * others. */
#ifndef UIO_DRIVERS_VPORT_H
#define UIO_DRIVERS_VPORT_H

#include "drivers/virtio.h"
#include "drivers/virtio_console.h"
#include "kernel/page.h"

enum {
	PORT_RING = 4,			       /* elements of a port's queue */
	PORT_BUFFER = PAGE_SIZE / PORT_RING,   /* bytes of a buffer: one page a direction */
};

struct vport {
	struct virtio_queue rx, tx;
	struct waitq readers, writers;
	void (*event)(struct vport *p, void *ctx);
	void *ctx;

	uint8_t *rx_page, *tx_page;	/* PORT_RING buffers each; NULL until needed, then kept */
	uint16_t rx_len[PORT_RING];	/* bytes in buffer i */
	uint8_t rx_fifo[PORT_RING];	/* buffers with data, in order */
	uint8_t rx_first, rx_count;	/* of rx_fifo */
	uint16_t rx_offset;		/* bytes read of the first */
	uint8_t tx_free;		/* bit i: buffer i is ours and empty */
	uint8_t tx_suspect;		/* bit i: buffer i was the device's when the host closed */
	uint8_t tx_open;		/* the buffer being filled, if tx_fill > 0 */
	uint16_t tx_fill;		/* bytes in it, < PORT_BUFFER; they wait for the device to be idle */
	bool tx_waiting;		/* a write was short */

	uint8_t nr;
	bool present;			/* the device has it */
	bool used;			/* found by somebody: our side is open */
	bool console;			/* the device says so, or port 0 */
	bool host_open;
	bool doubt;			/* whether host_open is right: the device is asked */
	bool owe_ready, owe_open;	/* control messages not sent yet */
	unsigned generation;
	uint16_t rows, cols;		/* 0: never told */
	char name[VPORT_NAME_MAX];

	struct vq_slot slots[2][PORT_RING];
};

/* Gives the device receive buffers, if it has none yet. 0 or -ENOMEM. Callable from interrupt handlers. */
int vport_start_rx(struct vport *p);
/* After an interrupt: takes what the device gives back, wakes and tells. */
void vport_service(struct vport *p);
/* The host closed its side. */
void vport_host_closed(struct vport *p);
/* Something about the port changed: wake and tell. */
void vport_changed(struct vport *p);
/* Takes what the control queue has to say about any port. Callable from interrupt handlers. */
void vport_hear(void);
/* The device broke the rules: gives it up and tells every port's user. */
void vport_give_up(void);

#endif
