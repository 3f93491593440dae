/* virtio.c: virtio devices whatever their transport: the table of devices and drivers, initialisation (virtio 1.2,
 * 3.1.1), queue set-up. No device-specific knowledge, no registers. */
#include "drivers/virtio.h"

#include "drivers/virtio_transport.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"

/* Device status bits (virtio 1.2, 2.1). */
enum {
	STATUS_ACKNOWLEDGE = 1,
	STATUS_DRIVER = 2,
	STATUS_DRIVER_OK = 4,
	STATUS_FEATURES_OK = 8,
	STATUS_NEEDS_RESET = 64,
	STATUS_FAILED = 128,
};

static struct list devices = LIST_INIT(devices);
static struct virtio_driver *drivers;

static void add_status(struct virtio_device *dev, uint8_t bits)
{
	dev->transport->set_status(dev, dev->transport->get_status(dev) | bits);
}

/* 0 when the device says it has been reset (2.4.2); bounded, since it is the device that we wait for. */
static int reset(struct virtio_device *dev)
{
	dev->transport->set_status(dev, 0);
	for (unsigned tries = 0; dev->transport->get_status(dev) != 0; tries++)
		if (tries == 10000)
			return -EIO;
	return 0;
}

static void probe(struct virtio_device *dev, struct virtio_driver *drv)
{
	int r;

	dev->name = drv->name;
	r = reset(dev);
	if (r == 0) {
		add_status(dev, STATUS_ACKNOWLEDGE);
		add_status(dev, STATUS_DRIVER);
		r = drv->probe(dev);
	}
	if (r < 0) {
		klog("virtio: %s: %s: error %d", dev->where, drv->name, -r);
		dev->failed = true;
		add_status(dev, STATUS_FAILED);
	}
}

void virtio_driver_register(struct virtio_driver *drv)
{
	struct virtio_device *dev;

	drv->next = drivers;
	drivers = drv;
	list_for_each(dev, &devices, node)
		if (!dev->name && dev->id == drv->id)
			probe(dev, drv);
}

void virtio_device_add(struct virtio_device *dev)
{
	list_add_tail(&devices, &dev->node);
	for (struct virtio_driver *drv = drivers; drv; drv = drv->next)
		if (dev->id == drv->id) {
			probe(dev, drv);
			return;
		}
}

void virtio_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	virtio_mmio_discover();
	virtio_pci_discover();
}
INIT(22, virtio_init);

void virtio_interrupt(void *arg)
{
	struct virtio_device *dev = arg;

	if (dev->interrupt && !dev->failed)
		dev->interrupt(dev);
}

int virtio_negotiate(struct virtio_device *dev, uint64_t wanted)
{
	const struct virtio_transport *t = dev->transport;
	uint64_t offered = t->get_features(dev, 0) | (uint64_t) t->get_features(dev, 1) << 32;

	if (!(offered & VIRTIO_F_VERSION_1)) {
		klog(VIRTIO_LEGACY, dev->where);
		return -ENODEV;
	}
	dev->features = offered & (wanted | VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX);
	t->set_features(dev, 0, (uint32_t) dev->features);
	t->set_features(dev, 1, (uint32_t) (dev->features >> 32));
	add_status(dev, STATUS_FEATURES_OK);
	if (!(t->get_status(dev) & STATUS_FEATURES_OK))
		return -EIO;
	return t->irq_setup(dev);
}

unsigned virtio_queue_max(struct virtio_device *dev, unsigned index)
{
	return dev->transport->queue_select(dev, index);
}

int virtio_queue_init(struct virtio_device *dev, struct virtio_queue *q, unsigned index, uint16_t size, void *memory,
		      struct vq_slot *slots)
{
	uint64_t phys = virt_to_phys(memory).pa;
	int r;

	if (dev->transport->queue_select(dev, index) < size)
		return -EINVAL;
	r = vq_init(&q->vq, size, memory, slots, dev->features & VIRTIO_F_EVENT_IDX);
	if (r < 0)
		return r;
	q->dev = dev;
	q->index = (uint16_t) index;
	return dev->transport->queue_enable(dev, q, phys, phys + vq_avail_offset(size), phys + vq_used_offset(size));
}

int virtio_queue_create(struct virtio_device *dev, struct virtio_queue *q, unsigned index, uint16_t size)
{
	/* One page holds the rings of up to 128 elements, and the slots of a small queue behind them. */
	size_t rings = (vq_memory_size(size) + 15) & ~15UL, slots = size * sizeof(struct vq_slot);
	bool one = rings + slots <= PAGE_SIZE;
	struct paddr page;
	uint8_t *memory;
	void *table;
	int r;

	if (rings > PAGE_SIZE)
		return -EINVAL;
	r = page_alloc_zeroed(&page);
	if (r < 0)
		return r;
	memory = phys_to_virt(page);
	table = one ? memory + rings : kmalloc(slots);
	r = table ? virtio_queue_init(dev, q, index, size, memory, table) : -ENOMEM;
	if (r < 0) {
		page_put(page);
		if (!one)
			kfree(table);
	}
	return r;
}

void virtio_start(struct virtio_device *dev)
{
	add_status(dev, STATUS_DRIVER_OK);
}

void virtio_kick(struct virtio_queue *q)
{
	if (vq_kick_needed(&q->vq) && !q->dev->failed)
		q->dev->transport->notify(q);
}

void virtio_fail(struct virtio_device *dev, const char *why)
{
	if (dev->failed)
		return;
	klog("virtio: %s: %s: device %s; given up", dev->where, dev->name, why);
	dev->failed = true;
	reset(dev);
}

bool virtio_needs_reset(struct virtio_device *dev)
{
	return dev->transport->get_status(dev) & STATUS_NEEDS_RESET;
}

/* Fields are read in their own width (4.2.2.2, 4.1.3.1). */
static void config_access(struct virtio_device *dev, unsigned offset, uint8_t *to, unsigned len)
{
	volatile uint8_t *from = dev->config + offset;

	if (len == 4) {
		uint32_t v = *(volatile uint32_t *) from;
		memcpy(to, &v, 4);
	} else if (len == 2) {
		uint16_t v = *(volatile uint16_t *) from;
		memcpy(to, &v, 2);
	} else {
		for (unsigned i = 0; i < len; i++)
			to[i] = from[i];
	}
}

void virtio_config_read(struct virtio_device *dev, unsigned offset, void *buf, unsigned len)
{
	const struct virtio_transport *t = dev->transport;
	uint32_t before;

	memset(buf, 0, len);
	if (offset > dev->config_len || len > dev->config_len - offset)
		return;
	/* A device that changes its configuration all the time does not hold us: the last look counts. */
	for (unsigned tries = 0; tries < 8; tries++) {
		before = t->config_generation(dev);
		config_access(dev, offset, buf, len);
		if (t->config_generation(dev) == before)
			break;
	}
}
