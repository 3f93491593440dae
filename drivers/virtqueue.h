/* pure */
/*
 * virtqueue.h: the split virtqueue (virtio 1.2, 2.7), driver's side. It knows rings and indices, no device and no
 * memory but what the caller gives it.
 *
 * The device is not trusted with the driver's state: what it writes (used ring, indices) is checked against private
 * copies, and the descriptor table is never read back. A device that breaks the rules marks the queue broken: every
 * later call answers -EBADMSG (vq_kick_needed(): false), and the owner resets the device.
 */
#ifndef UIO_DRIVERS_VIRTQUEUE_H
#define UIO_DRIVERS_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VQ_SIZE_MAX 32768 /* virtio 1.2, 2.7 */

struct vq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};
_Static_assert(sizeof(struct vq_desc) == 16, "virtio 1.2, 2.7.5");

struct vq_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[]; /* `size` heads, then used_event */
};

struct vq_used_elem {
	uint32_t id;
	uint32_t len;
};

struct vq_used {
	uint16_t flags;
	uint16_t idx;
	struct vq_used_elem ring[]; /* `size` elements, then a 16-bit avail_event */
};

/* What the driver remembers of a descriptor. */
struct vq_slot {
	void *token;	   /* of the chain that starts here */
	uint32_t writable; /* bytes that the device may write to that chain */
	uint16_t count;	   /* descriptors of that chain; 0: no outstanding chain starts here */
	uint16_t next;	   /* next of the chain, or of the free list */
};

struct virtqueue {
	struct vq_desc *desc;
	struct vq_avail *avail;
	struct vq_used *used;	/* the device writes here */
	struct vq_slot *slots;
	uint16_t size;		/* power of two */
	uint16_t free_head;	/* valid if free_count > 0 */
	uint16_t free_count;
	uint16_t chains;	/* outstanding */
	uint16_t avail_idx;	/* our copy of avail->idx */
	uint16_t used_seen;	/* used elements collected */
	uint16_t kick_seen;	/* avail_idx at the last vq_kick_needed() */
	bool event_idx;		/* VIRTIO_F_EVENT_IDX was negotiated */
	bool broken;
};

/* One piece of a buffer, at a physical address. The pieces that the device reads come before those it writes. */
struct vq_segment {
	uint64_t addr;
	uint32_t len; /* > 0 */
	bool device_writes;
};

/* Offsets of the parts in the queue's memory, and its size in bytes; the memory must be aligned to 16. */
static inline size_t vq_avail_offset(uint16_t size)
{
	return sizeof(struct vq_desc) * size;
}
static inline size_t vq_used_offset(uint16_t size)
{
	return (vq_avail_offset(size) + sizeof(struct vq_avail) + 2u * size + 2 + 3) & ~(size_t) 3;
}
static inline size_t vq_memory_size(uint16_t size)
{
	return vq_used_offset(size) + sizeof(struct vq_used) + sizeof(struct vq_used_elem) * size + 2;
}

/*
 * Starts an empty queue. MEMORY (vq_memory_size() bytes, physically contiguous) and SLOTS (`size` of them) are the
 * caller's and outlive the queue; both are cleared here. Interrupts start enabled. -EINVAL if SIZE is no power of two.
 */
int vq_init(struct virtqueue *vq, uint16_t size, void *memory, struct vq_slot *slots, bool event_idx);

/*
 * Hands a buffer of COUNT segments to the device, under TOKEN (not null). 0; -ENOSPC if there are not enough free
 * descriptors now; -EINVAL if a writable segment comes before a readable one, a length is 0, or the writable ones sum
 * up to 4 GiB; -EBADMSG if the queue is broken.
 */
int vq_add(struct virtqueue *vq, const struct vq_segment *segments, unsigned count, void *token);

/* Call after one or more vq_add(): true if the device wants to be told (virtio 1.2, 2.7.10 and 2.7.13.4). */
bool vq_kick_needed(struct virtqueue *vq);

/*
 * Takes one buffer back. 1 with its token and the number of bytes the device says it wrote (never above what it could
 * write), 0 if there is none, -EBADMSG if the device wrote nonsense.
 */
int vq_collect(struct virtqueue *vq, void **ret_token, uint32_t *ret_len);

/*
 * Takes an outstanding buffer back that the device has lost, as it never should (2.7.14): only with proof that the
 * device will not touch it again. Should it come back all the same, the queue is broken. -ENOENT if TOKEN is not
 * outstanding.
 */
int vq_forget(struct virtqueue *vq, const void *token);

/* True if vq_collect() has something to say. */
bool vq_pending(const struct virtqueue *vq);

/*
 * Asks the device for an interrupt at the next used buffer, or for none (a hint: it may come all the same). When
 * switched on, true means that a buffer was used already, for which no interrupt need come: collect it.
 */
bool vq_interrupts(struct virtqueue *vq, bool on);

#endif
