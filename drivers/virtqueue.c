/* pure */
/* virtqueue.c: the split virtqueue, driver's side. See virtqueue.h. */
#include "drivers/virtqueue.h"

#include "lib/errno.h"
#include "lib/str.h"

enum {
	DESC_NEXT = 1,
	DESC_WRITE = 2,
	AVAIL_NO_INTERRUPT = 1,
	USED_NO_NOTIFY = 1,
};

/* Rings are shared with another agent: publish with a release store, look with an acquire load. The full fence orders
 * our store of one index before our load of the other side's wish (virtio 1.2, 2.7.13.4.1). */
#define PUBLISH(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define OBSERVE(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define FENCE_FULL() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static uint16_t *used_event(const struct virtqueue *vq)
{
	return &vq->avail->ring[vq->size];
}

static const uint16_t *avail_event(const struct virtqueue *vq)
{
	return (const uint16_t *) &vq->used->ring[vq->size];
}

int vq_init(struct virtqueue *vq, uint16_t size, void *memory, struct vq_slot *slots, bool event_idx)
{
	if (size == 0 || size > VQ_SIZE_MAX || (size & (size - 1)))
		return -EINVAL;
	memset(memory, 0, vq_memory_size(size));
	memset(slots, 0, size * sizeof(*slots));
	for (uint16_t i = 0; i < size; i++)
		slots[i].next = (uint16_t) (i + 1);
	*vq = (struct virtqueue){
		.desc = memory,
		.avail = (void *) ((char *) memory + vq_avail_offset(size)),
		.used = (void *) ((char *) memory + vq_used_offset(size)),
		.slots = slots,
		.size = size,
		.free_count = size,
		.event_idx = event_idx,
	};
	return 0;
}

static int check_segments(const struct vq_segment *segments, unsigned count, uint32_t *ret_writable)
{
	uint32_t writable = 0;
	bool writing = false;

	for (unsigned i = 0; i < count; i++) {
		const struct vq_segment *s = &segments[i];

		if (s->len == 0 || (writing && !s->device_writes))
			return -EINVAL;
		if (s->device_writes) {
			writing = true;
			if (s->len > UINT32_MAX - writable)
				return -EINVAL;
			writable += s->len;
		}
	}
	*ret_writable = writable;
	return 0;
}

int vq_add(struct virtqueue *vq, const struct vq_segment *segments, unsigned count, void *token)
{
	uint32_t writable;
	uint16_t head, at;
	int r;

	if (vq->broken)
		return -EBADMSG;
	if (count == 0 || !token)
		return -EINVAL;
	r = check_segments(segments, count, &writable);
	if (r < 0)
		return r;
	if (count > vq->free_count)
		return -ENOSPC;

	head = at = vq->free_head;
	for (unsigned i = 0; i < count; i++) {
		vq->desc[at] = (struct vq_desc){
			.addr = segments[i].addr,
			.len = segments[i].len,
			.flags = (segments[i].device_writes ? DESC_WRITE : 0) | (i + 1 < count ? DESC_NEXT : 0),
			.next = vq->slots[at].next,
		};
		at = vq->slots[at].next;
	}
	vq->free_head = at;
	vq->free_count -= count;
	vq->chains++;
	vq->slots[head].token = token;
	vq->slots[head].writable = writable;
	vq->slots[head].count = (uint16_t) count;

	vq->avail->ring[vq->avail_idx & (vq->size - 1)] = head;
	/* Publish idx last: the device may read the ring at once. */
	PUBLISH(&vq->avail->idx, ++vq->avail_idx);
	return 0;
}

bool vq_kick_needed(struct virtqueue *vq)
{
	uint16_t from = vq->kick_seen, to = vq->avail_idx;

	if (vq->broken || from == to)
		return false;
	vq->kick_seen = to;
	FENCE_FULL();
	if (vq->event_idx)
		return (uint16_t) (to - OBSERVE(avail_event(vq)) - 1) < (uint16_t) (to - from);
	return !(OBSERVE(&vq->used->flags) & USED_NO_NOTIFY);
}

bool vq_pending(const struct virtqueue *vq)
{
	return vq->broken || OBSERVE(&vq->used->idx) != vq->used_seen;
}

/* The chain goes in front of the free list. */
static void chain_free(struct virtqueue *vq, uint16_t head)
{
	struct vq_slot *slot = &vq->slots[head];
	uint16_t at = head;

	for (unsigned i = 1; i < slot->count; i++)
		at = vq->slots[at].next;
	vq->slots[at].next = vq->free_head;
	vq->free_head = head;
	vq->free_count += slot->count;
	slot->count = 0;
	slot->token = NULL;
	vq->chains--;
}

int vq_forget(struct virtqueue *vq, const void *token)
{
	for (uint16_t i = 0; i < vq->size; i++)
		if (vq->slots[i].count && vq->slots[i].token == token) {
			chain_free(vq, i);
			return 0;
		}
	return -ENOENT;
}

int vq_collect(struct virtqueue *vq, void **ret_token, uint32_t *ret_len)
{
	struct vq_used_elem elem;
	struct vq_slot *slot;
	uint16_t ready;

	if (vq->broken)
		return -EBADMSG;
	ready = OBSERVE(&vq->used->idx) - vq->used_seen;
	if (ready == 0)
		return 0;
	if (ready > vq->chains)
		goto broken;
	/* A copy, read once: the device may change it under our eyes. */
	elem = *(volatile struct vq_used_elem *) &vq->used->ring[vq->used_seen & (vq->size - 1)];
	if (elem.id >= vq->size)
		goto broken;
	slot = &vq->slots[elem.id];
	if (slot->count == 0 || elem.len > slot->writable)
		goto broken;

	*ret_token = slot->token;
	*ret_len = elem.len;

	chain_free(vq, (uint16_t) elem.id);
	vq->used_seen++;
	/* With interrupts on, ask for one at the next element; off, used_event stays behind and is not reached. */
	if (vq->event_idx && *used_event(vq) == (uint16_t) (vq->used_seen - 1)) {
		PUBLISH(used_event(vq), vq->used_seen);
		FENCE_FULL(); /* before the caller's next look at used->idx, or an element could go unannounced */
	}
	return 1;
broken:
	vq->broken = true;
	return -EBADMSG;
}

bool vq_interrupts(struct virtqueue *vq, bool on)
{
	if (vq->event_idx)
		/* One behind what was collected: the device's index reaches it after 65,535 more. */
		PUBLISH(used_event(vq), on ? vq->used_seen : (uint16_t) (vq->used_seen - 1));
	else
		PUBLISH(&vq->avail->flags, on ? 0 : AVAIL_NO_INTERRUPT);
	if (!on)
		return false;
	FENCE_FULL();
	return vq_pending(vq);
}
