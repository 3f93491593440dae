/* virtio_9p.c: see virtio_9p.h. A request's messages are copied to and from frames of its own, since the callers'
 * stacks and variables are not in the direct map and may be gone when a late answer comes. */
#include "drivers/virtio_9p.h"

#include "drivers/virtio.h"
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/waitq.h"
#include "lib/num.h"

#define F_MOUNT_TAG (1ULL << 0)
#define RING_MAX 128u
#define SEGMENTS_MAX 120u

/* struct virtio_9p_config: u16 tag_len, then the tag without a final NUL. */
enum {
	CONFIG_TAG_LEN = 0,
	CONFIG_TAG = 2,
	TAG_MAX = 32, /* with a final NUL */
};

struct p9_transport {
	struct list node;
	struct virtio_device *dev;
	struct virtio_queue queue;
	struct waitq space;	/* waits for descriptors */
	struct list outstanding;/* requests that the device has */
	struct list dead;	/* abandoned ones that it gave back: no kfree() in interrupts */
	char tag[TAG_MAX];
};

struct request {
	struct list node;	/* in outstanding, dead, or unlinked */
	struct waitq wait;
	bool done;
	bool abandoned;		/* nobody waits: whoever collects it frees it */
	uint32_t len;		/* of the answer */
	unsigned count;
	struct vq_segment segments[]; /* one reference to each frame */
};

static struct list transports = LIST_INIT(transports);

static uint64_t timeout_ns(void)
{
	const char *text = boot_option("9p_timeout");
	uint64_t ns;

	return text && num_parse_duration(text, &ns) == 0 ? ns : 30 * NSEC_PER_SEC;
}

static void drop_frames(struct request *req)
{
	for (unsigned i = 0; i < req->count; i++)
		page_put((struct paddr){ PAGE_ALIGN_DOWN(req->segments[i].addr) });
	req->count = 0;
}

static void request_free(struct request *req)
{
	drop_frames(req);
	kfree(req);
}

static void request_done(struct p9_transport *t, struct request *req, uint32_t len)
{
	list_del(&req->node);
	req->done = true;
	req->len = len;
	if (req->abandoned) {
		drop_frames(req);
		list_add_tail(&t->dead, &req->node);
	}
	waitq_wake_all(&req->wait);
}

/* The device was reset: everything is ours again. */
static void give_up(struct p9_transport *t, const char *why)
{
	struct request *req;

	virtio_fail(t->dev, why);
	while ((req = list_first(&t->outstanding, struct request, node)))
		request_done(t, req, 0);
	waitq_wake_all(&t->space);
}

static void collect(struct p9_transport *t)
{
	bool any = false;
	void *token;
	uint32_t len;
	int r;

	if (t->dev->failed)
		return;
	while ((r = vq_collect(&t->queue.vq, &token, &len)) > 0) {
		request_done(t, token, len);
		any = true;
	}
	if (r < 0)
		give_up(t, "broke its queue");
	else if (any)
		waitq_wake_all(&t->space);
}

static void interrupt(struct virtio_device *dev)
{
	collect(dev->driver);
}

/* Appends frames of our own for `len` bytes, filled from `from` unless that is NULL. */
static int append_copy(struct request *req, const uint8_t *from, size_t len, bool device_writes)
{
	while (len) {
		uint32_t piece = (uint32_t) MIN(len, PAGE_SIZE);
		struct paddr frame;
		int r = page_alloc(&frame);

		if (r < 0)
			return r;
		req->segments[req->count++] = (struct vq_segment){ frame.pa, piece, device_writes };
		if (from) {
			memcpy(phys_to_virt(frame), from, piece);
			from += piece;
		}
		len -= piece;
	}
	return 0;
}

static void append_payload(struct request *req, const struct p9_segment *payload, unsigned count, bool device_writes)
{
	for (unsigned i = 0; i < count; i++) {
		page_get((struct paddr){ PAGE_ALIGN_DOWN(payload[i].at.pa) });
		req->segments[req->count++] = (struct vq_segment){ payload[i].at.pa, payload[i].len, device_writes };
	}
}

/* Puts the request into the queue, waiting for room. */
static int submit(struct p9_transport *t, struct request *req, uint64_t deadline)
{
	for (;;) {
		int r;

		collect(t);
		if (t->dev->failed)
			return -EIO;
		r = vq_add(&t->queue.vq, req->segments, req->count, req);
		if (r != -ENOSPC) {
			if (r == 0) {
				list_add_tail(&t->outstanding, &req->node);
				virtio_kick(&t->queue);
			}
			return r;
		}
		if (waitq_wait(&t->space, WAIT_IO, "9p", deadline, false) == -ETIMEDOUT)
			return -EIO;
	}
}

/* 0 when the answer is here. Otherwise the request is no longer the caller's. */
static int await(struct p9_transport *t, struct request *req, uint64_t deadline)
{
	collect(t);
	while (!req->done) {
		if (waitq_wait(&req->wait, WAIT_IO, "9p", deadline, false) != -ETIMEDOUT)
			continue;
		collect(t);
		if (req->done)
			break;
		req->abandoned = true;
		if (virtio_needs_reset(t->dev))
			give_up(t, "asks for a reset");
		else
			klog("9p: %s: no answer in time", t->tag);
		return -EIO;
	}
	if (t->dev->failed) {
		request_free(req);
		return -EIO;
	}
	return 0;
}

int p9_rpc_zc(struct p9_transport *t, const void *tx, size_t txlen, void *rx, size_t rxcap,
	      const struct p9_segment *payload, unsigned count, bool device_writes, size_t *ret_rxlen)
{
	const size_t max_bytes = SEGMENTS_MAX * PAGE_SIZE;
	uint64_t deadline = clock_monotonic_ns() + timeout_ns();
	struct request *req;
	unsigned total, rx_first;
	size_t got, left;
	int r;

	if (txlen == 0 || rxcap == 0)
		return -EINVAL;
	if (txlen > max_bytes || rxcap > max_bytes || count > SEGMENTS_MAX)
		return -E2BIG;
	for (unsigned i = 0; i < count; i++)
		if (payload[i].len == 0 || payload[i].len > PAGE_SIZE - (payload[i].at.pa & PAGE_MASK))
			return -EINVAL;
	total = (unsigned) ((PAGE_ALIGN_UP(txlen) + PAGE_ALIGN_UP(rxcap)) >> PAGE_SHIFT) + count;
	if (total > SEGMENTS_MAX || total > t->queue.vq.size)
		return -E2BIG;

	while ((req = list_first(&t->dead, struct request, node))) {
		list_del(&req->node);
		kfree(req);
	}
	req = kzalloc(sizeof(*req) + total * sizeof(req->segments[0]));
	if (!req)
		return -ENOMEM;
	list_init(&req->node);
	waitq_init(&req->wait);

	r = append_copy(req, tx, txlen, false);
	if (!device_writes)
		append_payload(req, payload, count, false);
	rx_first = req->count;
	if (r == 0)
		r = append_copy(req, NULL, rxcap, true);
	if (device_writes)
		append_payload(req, payload, count, true);
	if (r == 0)
		r = submit(t, req, deadline);
	if (r < 0) {
		request_free(req);
		return r;
	}
	r = await(t, req, deadline);
	if (r < 0)
		return r;

	got = req->len;
	left = MIN(got, rxcap);
	for (unsigned i = rx_first; left; i++) {
		size_t piece = MIN(left, PAGE_SIZE);

		memcpy(rx, phys_to_virt((struct paddr){ req->segments[i].addr }), piece);
		rx = (uint8_t *) rx + piece;
		left -= piece;
	}
	request_free(req);
	*ret_rxlen = got;
	return 0;
}

int p9_rpc(struct p9_transport *t, const void *tx, size_t txlen, void *rx, size_t rxcap, size_t *ret_rxlen)
{
	return p9_rpc_zc(t, tx, txlen, rx, rxcap, NULL, 0, false, ret_rxlen);
}

int p9_transport_find(const char *tag, struct p9_transport **ret)
{
	struct p9_transport *t;

	virtio_init();
	list_for_each(t, &transports, node)
		if (strcmp(t->tag, tag) == 0) {
			*ret = t;
			return 0;
		}
	return -ENOENT;
}

static int probe(struct virtio_device *dev)
{
	struct p9_transport *t;
	uint16_t len = 0;
	unsigned size;
	int r;

	r = virtio_negotiate(dev, F_MOUNT_TAG);
	if (r < 0)
		return r;
	t = kzalloc(sizeof(*t));
	if (!t)
		return -ENOMEM;
	virtio_config_read(dev, CONFIG_TAG_LEN, &len, sizeof(len));
	for (unsigned i = 0; i < MIN(len, TAG_MAX - 1u); i++)
		virtio_config_read(dev, CONFIG_TAG + i, &t->tag[i], 1);
	waitq_init(&t->space);
	list_init(&t->outstanding);
	list_init(&t->dead);
	t->dev = dev;
	dev->driver = t;
	dev->interrupt = interrupt;
	/* The largest power of two that the device has, up to RING_MAX. */
	size = MIN(virtio_queue_max(dev, 0), RING_MAX);
	size = size ? 1u << (31 - __builtin_clz(size)) : 0;
	r = virtio_queue_create(dev, &t->queue, 0, (uint16_t) size);
	if (r < 0) {
		kfree(t);
		return r;
	}
	virtio_start(dev);
	list_add_tail(&transports, &t->node);
	return 0;
}

static struct virtio_driver driver = { .id = VIRTIO_ID_9P, .name = "9p", .probe = probe };

static void virtio_9p(void)
{
	virtio_driver_register(&driver);
}
INIT(20, virtio_9p);
