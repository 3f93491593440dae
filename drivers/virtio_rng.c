/* virtio_rng.c: see virtio_rng.h. One request at a time, into a buffer of the driver's own: a request that nobody waits
 * for any longer still has a place to write to. */
#include "drivers/virtio_rng.h"

#include "drivers/virtio.h"
#include "kernel/clock.h"
#include "kernel/entry.h"
#include "kernel/page.h"
#include "kernel/waitq.h"

enum {
	RING = 2,
	RINGS_SIZE = 128,
	BUFFER = 1024,
};

static struct {
	struct virtio_device *dev;
	struct virtio_queue queue;
	struct vq_slot slots[RING];
	struct waitq wait;
	uint8_t *buffer;	/* BUFFER bytes */
	uint32_t have;		/* bytes in it, from the last request */
	bool busy;		/* the device has it */
	bool boot_sample;	/* `have` is from the request made at boot */
} rng;

static void request(uint32_t len)
{
	struct vq_segment s = { .addr = virt_to_phys(rng.buffer).pa, .len = len, .device_writes = true };

	rng.have = 0;
	rng.boot_sample = false;
	rng.busy = vq_add(&rng.queue.vq, &s, 1, rng.buffer) == 0;
	virtio_kick(&rng.queue);
}

static void collect(void)
{
	void *token;
	uint32_t len;
	int r = vq_collect(&rng.queue.vq, &token, &len);

	if (r < 0)
		virtio_fail(rng.dev, "broke its queue");
	if (r > 0) {
		rng.have = len;
		rng.busy = false;
	}
	if (r)
		waitq_wake_all(&rng.wait);
}

static void interrupt(struct virtio_device *dev)
{
	collect();
}

bool rng_boot_sample(uint8_t ret_sample[RNG_SAMPLE])
{
	if (!rng.dev || rng.dev->failed)
		return false;
	collect();
	if (!rng.boot_sample || rng.have < RNG_SAMPLE)
		return false;
	memcpy(ret_sample, rng.buffer, RNG_SAMPLE);
	memset(rng.buffer, 0, BUFFER);
	rng.boot_sample = false;
	rng.have = 0;
	return true;
}

int rng_read(void *buf, size_t n)
{
	uint64_t deadline = clock_monotonic_ns() + NSEC_PER_SEC;
	uint8_t *to = buf;

	if (!rng.dev)
		return -ENODEV;
	while (n) {
		size_t piece;

		if (rng.dev->failed)
			return -EIO;
		collect();
		if (rng.busy) {
			if (waitq_wait(&rng.wait, WAIT_IO, "rng", deadline, false) == -ETIMEDOUT && rng.busy)
				return -EIO;
			continue;
		}
		/* Nothing is given out twice: what is here goes to the first who looks. */
		if (!rng.have) {
			if (clock_monotonic_ns() >= deadline)
				return -EIO; /* it answers, with nothing */
			request((uint32_t) MIN(n, (size_t) BUFFER));
			continue;
		}
		piece = MIN(n, (size_t) rng.have);
		memcpy(to, rng.buffer, piece);
		memset(rng.buffer, 0, BUFFER);
		rng.have = 0;
		to += piece;
		n -= piece;
	}
	return 0;
}

static int probe(struct virtio_device *dev)
{
	struct paddr page;
	uint8_t *memory;
	int r;

	if (rng.dev)
		return -EBUSY;
	r = virtio_negotiate(dev, 0);
	if (r < 0)
		return r;
	r = page_alloc_zeroed(&page);
	if (r < 0)
		return r;
	memory = phys_to_virt(page);
	r = virtio_queue_init(dev, &rng.queue, 0, RING, memory, rng.slots);
	if (r < 0) {
		page_put(page);
		return r;
	}
	waitq_init(&rng.wait);
	rng.buffer = memory + RINGS_SIZE;
	rng.dev = dev;
	dev->interrupt = interrupt;
	virtio_start(dev);
	request(RNG_SAMPLE);
	rng.boot_sample = true;
	return 0;
}

static struct virtio_driver driver = { .id = VIRTIO_ID_RNG, .name = "rng", .probe = probe };

static void virtio_rng(void)
{
	virtio_driver_register(&driver);
}
INIT(20, virtio_rng);
