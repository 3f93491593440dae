/*
 * virtio_net.h: one virtio network device (virtio 1.2, 5.1): packets in and out, no protocol. The first device found is
 * the one that is used.
 *
 * Nothing here blocks. Interrupts only call the `wake` function, once, after vnet_sleep(); all else happens in the calls
 * of whoever was woken. What the device writes is checked; one that breaks the rules is given up (vnet_ok()).
 */
#ifndef UIO_DRIVERS_VIRTIO_NET_H
#define UIO_DRIVERS_VIRTIO_NET_H

#include "kernel/types.h"

/* struct virtio_net_hdr_v1 (5.1.6): before each packet. */
struct vnet_header {
	uint8_t flags;		/* VNET_* */
	uint8_t gso_type;	/* VNET_GSO_* */
	uint16_t hdr_len;	/* of all headers, with GSO */
	uint16_t gso_size;	/* payload of each segment that the device makes */
	uint16_t csum_start;	/* with VNET_NEEDS_CSUM: where summing starts, from the packet's beginning */
	uint16_t csum_offset;	/* and where, from there, the result goes */
	uint16_t num_buffers;	/* receiving: of the device's making */
};
_Static_assert(sizeof(struct vnet_header) == 12, "virtio 1.2, 5.1.6");
enum { VNET_NEEDS_CSUM = 1, VNET_DATA_VALID = 2 };
enum { VNET_GSO_NONE = 0, VNET_GSO_TCPV4 = 1, VNET_GSO_UDP = 3, VNET_GSO_TCPV6 = 4 };

#define VNET_PIECES_MAX 20	/* of a packet to send, its header's included */
#define VNET_FRAMES_MAX 18	/* of a packet received */
#define VNET_PACKET_MAX (65535 + 14)

/* A piece of a received packet: a page frame with one reference. */
struct vnet_frame {
	struct paddr page;
	uint16_t offset, len;
};
/* A piece of a packet to send: memory in the direct map. */
struct vnet_piece {
	const void *at;
	uint32_t len;
};

struct vnet_stats {
	uint64_t rx_packets, rx_bytes, rx_dropped, tx_packets, tx_bytes, tx_dropped;
	uint64_t interrupts;
};

struct vnet_info {
	uint8_t mac[6];
	uint16_t mtu;
	bool csum;		/* sends VNET_NEEDS_CSUM packets */
	bool tso4, tso6;	/* sends VNET_GSO_* packets */
};

struct vnet_ops {
	/* Takes the frames over (true), or leaves them to the driver. `h` is the device's, checked: with VNET_NEEDS_CSUM
	 * the checksum is missing, and the packet is good; with VNET_DATA_VALID it was verified. */
	bool (*receive)(const struct vnet_header *h, const struct vnet_frame *frames, unsigned count, unsigned len);
	/* The device is done with a packet. */
	void (*sent)(void *token);
	/* In interrupt context: there is something for vnet_poll(). */
	void (*wake)(void);
};

/* Takes the device: NULL if there is none. `ops` lives for ever. What was given, and what there is, are variables, so
 * that a program on the device (trace/xdp.c) can stand in between; vnet_ops is NULL before. */
extern const struct vnet_ops *vnet_ops;
extern struct vnet_info vnet_info;
const struct vnet_info *vnet_open(const struct vnet_ops *ops);
/* False: no link (or the device was given up); what is sent is lost. */
bool vnet_link_up(void);

/* Receives up to `budget` packets and takes back what was sent. True if there is more. */
bool vnet_poll(unsigned budget);
/* Turns interrupts on, before one waits. True: there is something to poll for already. `tx`: also when a packet has
 * been sent. */
bool vnet_sleep(bool tx);

/* Sends: piece 0 begins with a struct vnet_header. 0: `sent` will be called with the token; -ENOSPC: no room now; -EIO.
 * The device is told by vnet_kick(), after the last of several. */
int vnet_send(const struct vnet_piece *pieces, unsigned count, void *token);
void vnet_kick(void);

/* The device's counters; all are 0 without one. (Their order is known to overlay/stats.c.) */
extern struct vnet_stats vnet_stats;

#endif
