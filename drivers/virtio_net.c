/* virtio_net.c: see virtio_net.h. Each receive buffer is a page frame of its own: a packet's frames go to the stack as
 * they are and fresh ones into the ring, or, when the stack does not take them, back into the ring. */
#include "drivers/virtio_net.h"

#include "drivers/virtio.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/page.h"

/* Feature bits (5.1.3). */
#define F_CSUM (1ULL << 0)
#define F_GUEST_CSUM (1ULL << 1)
#define F_MTU (1ULL << 3)
#define F_MAC (1ULL << 5)
#define F_GUEST_TSO4 (1ULL << 7)
#define F_GUEST_TSO6 (1ULL << 8)
#define F_HOST_TSO4 (1ULL << 11)
#define F_HOST_TSO6 (1ULL << 12)
#define F_MRG_RXBUF (1ULL << 15)
#define F_STATUS (1ULL << 16)

/* struct virtio_net_config (5.1.4) */
enum { CONFIG_MAC = 0, CONFIG_STATUS = 6, CONFIG_MTU = 10, STATUS_LINK_UP = 1 };

enum { QUEUE_RX = 0, QUEUE_TX = 1, RING_MIN = 32, RING_MAX = 256 };
#define MTU_MIN 68	/* 5.1.4.1 */

struct vnet_stats vnet_stats;
const struct vnet_ops *vnet_ops;
struct vnet_info vnet_info;

static struct {
	struct virtio_device *dev;	/* NULL: none */
	struct virtio_queue rx, tx;
	bool mergeable;
	bool rx_dirty;			/* buffers were added since the last kick */
	unsigned rx_missing;		/* buffers that the ring is short of */
} net;

/* A queue of the device's. */
static void broke(void)
{
	virtio_fail(net.dev, "broke its queue");
}

static int rx_add(struct paddr page)
{
	struct vq_segment s = { .addr = page.pa, .len = PAGE_SIZE, .device_writes = true };

	net.rx_dirty = true;
	return vq_add(&net.rx.vq, &s, 1, phys_to_virt(page));
}

/* One buffer that the device has filled: 1, 0, or -EBADMSG. */
static int rx_take(struct vnet_frame *ret)
{
	uint32_t len;
	void *token;
	int r = vq_collect(&net.rx.vq, &token, &len);

	if (r > 0)
		*ret = (struct vnet_frame){ .page = virt_to_phys(token), .len = (uint16_t) len };
	return r;
}

/* Whether the fields that others rely on are possible for this packet. */
static bool header_sane(const struct vnet_header *h, unsigned len)
{
	if (h->flags & VNET_NEEDS_CSUM && (h->csum_start > len || h->csum_offset + 2u > len - h->csum_start))
		return false;
	return true;
}

/* Fills what the stack took; what there is no memory for now comes with a later poll. */
static void rx_refill(void)
{
	struct paddr page;

	while (net.rx_missing && page_alloc(&page) >= 0) {
		rx_add(page);
		net.rx_missing--;
	}
}

static void rx_recycle(const struct vnet_frame *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		rx_add(frames[i].page);
}

/* One packet: 1, 0: none, -EBADMSG. */
static int rx_packet(void)
{
	static struct vnet_frame frames[VNET_FRAMES_MAX]; /* static, as below: stacks are small, and nothing reenters */
	struct vnet_header h;
	unsigned count = 1, len;
	int r = rx_take(&frames[0]);

	if (r <= 0)
		return r;
	if (frames[0].len < sizeof(h))
		return -EBADMSG;
	h = *(struct vnet_header *) phys_to_virt(frames[0].page);
	/* 5.1.6.4: without merged buffers the field is the device's to leave unset. */
	if (!net.mergeable)
		h.num_buffers = 1;
	if (h.num_buffers == 0 || h.num_buffers > VNET_FRAMES_MAX)
		return -EBADMSG;
	frames[0].offset = sizeof(h);
	frames[0].len -= (uint16_t) sizeof(h);
	len = frames[0].len;
	for (; count < h.num_buffers; count++) {
		/* The device uses all buffers of a packet at once. */
		if (rx_take(&frames[count]) <= 0)
			return -EBADMSG;
		len += frames[count].len;
	}
	if (len < 14 || len > VNET_PACKET_MAX || !header_sane(&h, len)) {
		vnet_stats.rx_dropped++;
		rx_recycle(frames, count);
		return 1;
	}
	vnet_stats.rx_packets++;
	vnet_stats.rx_bytes += len;
	if (vnet_ops->receive(&h, frames, count, len))
		net.rx_missing += count;
	else
		rx_recycle(frames, count);
	return 1;
}

static void tx_reclaim(void)
{
	uint32_t len;
	void *token;
	int r;

	while ((r = vq_collect(&net.tx.vq, &token, &len)) > 0)
		vnet_ops->sent(token);
	if (r < 0)
		broke();
}

bool vnet_poll(unsigned budget)
{
	int r = 0;

	if (!vnet_ops || net.dev->failed)
		return false;
	vq_interrupts(&net.rx.vq, false);
	if (vq_pending(&net.tx.vq))
		tx_reclaim();
	while (budget && (r = rx_packet()) > 0)
		budget--;
	if (r < 0) {
		broke();
		return false;
	}
	rx_refill();
	if (net.rx_dirty) {
		net.rx_dirty = false;
		virtio_kick(&net.rx);
	}
	return !net.dev->failed && vq_pending(&net.rx.vq);
}

bool vnet_sleep(bool tx)
{
	bool now;

	if (!vnet_ops || net.dev->failed)
		return false;
	now = vq_interrupts(&net.rx.vq, true);
	if (vq_interrupts(&net.tx.vq, tx))
		now = true;
	return now;
}

int vnet_send(const struct vnet_piece *pieces, unsigned count, void *token)
{
	static struct vq_segment s[VNET_PIECES_MAX];
	unsigned len = 0;
	int r;

	if (!vnet_ops || net.dev->failed || count > VNET_PIECES_MAX)
		return -EIO;
	for (unsigned i = 0; i < count; i++) {
		s[i] = (struct vq_segment){ .addr = virt_to_phys(pieces[i].at).pa, .len = pieces[i].len };
		len += pieces[i].len;
	}
	r = vq_add(&net.tx.vq, s, count, token);
	if (r == -ENOSPC && vq_pending(&net.tx.vq)) {
		tx_reclaim();
		r = vq_add(&net.tx.vq, s, count, token);
	}
	if (r < 0)
		return r == -ENOSPC ? r : -EIO;
	vnet_stats.tx_packets++;
	vnet_stats.tx_bytes += len - sizeof(struct vnet_header);
	return 0;
}

void vnet_kick(void)
{
	if (vnet_ops)
		virtio_kick(&net.tx);
}

bool vnet_link_up(void)
{
	uint16_t status = STATUS_LINK_UP;

	if (!vnet_ops || net.dev->failed)
		return false;
	if (net.dev->features & F_STATUS)
		virtio_config_read(net.dev, CONFIG_STATUS, &status, sizeof(status));
	return status & STATUS_LINK_UP;
}

static void interrupt(struct virtio_device *dev)
{
	vnet_stats.interrupts++;
	vq_interrupts(&net.rx.vq, false);
	vq_interrupts(&net.tx.vq, false);
	if (vnet_ops)
		vnet_ops->wake();
}

/* A queue with a ring of up to RING_MAX, on contiguous frames. */
static int queue_create(struct virtio_device *dev, struct virtio_queue *q, unsigned index, unsigned size)
{
	unsigned pages;
	struct paddr memory;
	void *slots;
	int r;

	size = MIN(size, virtio_queue_max(dev, index));
	if (size < 2)
		return -ENODEV;
	size = 1u << (31 - __builtin_clz(size));
	pages = (unsigned) (PAGE_ALIGN_UP(vq_memory_size((uint16_t) size)) / PAGE_SIZE);
	slots = kmalloc(size * sizeof(struct vq_slot));
	if (!slots)
		return -ENOMEM;
	r = page_alloc_contig(pages, &memory);
	if (r >= 0) {
		r = virtio_queue_init(dev, q, index, (uint16_t) size, phys_to_virt(memory), slots);
		if (r < 0)
			page_put_contig(memory, pages);
	}
	if (r < 0)
		kfree(slots);
	return r;
}

/* A small guest gets a small ring: its frames are at most a 64th of memory. */
static unsigned ring_size(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return (unsigned) MIN(MAX(s.total / 64, (uint64_t) RING_MIN), (uint64_t) RING_MAX);
}

static int fill_ring(void)
{
	struct paddr page;
	int r;

	do {
		r = page_alloc(&page);
		if (r < 0)
			return r;
		r = rx_add(page);
	} while (r == 0);
	page_put(page);
	return r == -ENOSPC ? 0 : r;
}

static int probe(struct virtio_device *dev)
{
	uint64_t wanted = F_CSUM | F_GUEST_CSUM | F_MTU | F_MAC | F_HOST_TSO4 | F_HOST_TSO6 | F_MRG_RXBUF | F_STATUS;
	uint16_t mtu = 1500;
	int r;

	if (net.dev)
		return -EBUSY;
	/* Without merging, a packet of 64 KiB would need a buffer of its own size (5.1.6.3.1). */
	if (dev->transport->get_features(dev, 0) & F_MRG_RXBUF)
		wanted |= F_GUEST_TSO4 | F_GUEST_TSO6;
	r = virtio_negotiate(dev, wanted);
	if (r < 0)
		return r;
	net.mergeable = dev->features & F_MRG_RXBUF;
	r = queue_create(dev, &net.rx, QUEUE_RX, ring_size());
	if (r >= 0)
		r = queue_create(dev, &net.tx, QUEUE_TX, RING_MAX);
	if (r >= 0)
		r = fill_ring();
	if (r < 0)
		return r;
	if (dev->features & F_MAC)
		virtio_config_read(dev, CONFIG_MAC, vnet_info.mac, sizeof(vnet_info.mac));
	else
		memcpy(vnet_info.mac, "\x52\x54\x00\x12\x34\x56", sizeof(vnet_info.mac));
	if (dev->features & F_MTU)
		virtio_config_read(dev, CONFIG_MTU, &mtu, sizeof(mtu));
	vnet_info.mtu = MIN(MAX(mtu, (uint16_t) MTU_MIN), (uint16_t) 9000);
	vnet_info.csum = dev->features & F_CSUM;
	vnet_info.tso4 = dev->features & F_HOST_TSO4;
	vnet_info.tso6 = dev->features & F_HOST_TSO6;
	net.dev = dev;
	dev->interrupt = interrupt;
	return 0;
}

static struct virtio_driver driver = { .id = VIRTIO_ID_NET, .name = "net", .probe = probe };

const struct vnet_info *vnet_open(const struct vnet_ops *ops)
{
	if (!net.dev || net.dev->failed || vnet_ops)
		return NULL;
	vnet_ops = ops;
	virtio_start(net.dev);
	virtio_kick(&net.rx);
	return &vnet_info;
}

static void virtio_net(void)
{
	virtio_driver_register(&driver);
}
INIT(20, virtio_net);
