/* virtio_mmio.c: virtio over MMIO registers (virtio 1.2, 4.2), as QEMU's microvm has it: devices are announced on the
 * command line and interrupt over a level-triggered GSI. Only register layout version 2. */
#include "drivers/virtio.h"
#include "drivers/virtio_transport.h"
#include "kernel/boot.h"
#include "kernel/irq.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/mmio.h"
#include "lib/fmt.h"

/* Registers: virtio 1.2, table 4.1. */
enum {
	REG_MAGIC = 0x000,
	REG_VERSION = 0x004,
	REG_DEVICE_ID = 0x008,
	REG_DEVICE_FEATURES = 0x010,
	REG_DEVICE_FEATURES_SEL = 0x014,
	REG_DRIVER_FEATURES = 0x020,
	REG_DRIVER_FEATURES_SEL = 0x024,
	REG_QUEUE_SEL = 0x030,
	REG_QUEUE_NUM_MAX = 0x034,
	REG_QUEUE_NUM = 0x038,
	REG_QUEUE_READY = 0x044,
	REG_QUEUE_NOTIFY = 0x050,
	REG_INTERRUPT_STATUS = 0x060,
	REG_INTERRUPT_ACK = 0x064,
	REG_STATUS = 0x070,
	REG_QUEUE_DESC = 0x080,
	REG_QUEUE_DRIVER = 0x090,
	REG_QUEUE_DEVICE = 0x0a0,
	REG_CONFIG_GENERATION = 0x0fc,
	REG_CONFIG = 0x100,

	MAGIC = 0x74726976, /* "virt" */
	REGION_MIN = 0x200,
};

static uint32_t get(struct virtio_device *dev, unsigned reg)
{
	return *(volatile uint32_t *) (dev->regs + reg);
}

static void set(struct virtio_device *dev, unsigned reg, uint32_t v)
{
	*(volatile uint32_t *) (dev->regs + reg) = v;
}

static uint8_t get_status(struct virtio_device *dev)
{
	return (uint8_t) get(dev, REG_STATUS);
}

static void set_status(struct virtio_device *dev, uint8_t status)
{
	set(dev, REG_STATUS, status);
}

static uint32_t get_features(struct virtio_device *dev, unsigned word)
{
	set(dev, REG_DEVICE_FEATURES_SEL, word);
	return get(dev, REG_DEVICE_FEATURES);
}

static void set_features(struct virtio_device *dev, unsigned word, uint32_t v)
{
	set(dev, REG_DRIVER_FEATURES_SEL, word);
	set(dev, REG_DRIVER_FEATURES, v);
}

static uint32_t config_generation(struct virtio_device *dev)
{
	return get(dev, REG_CONFIG_GENERATION);
}

static unsigned queue_select(struct virtio_device *dev, unsigned index)
{
	set(dev, REG_QUEUE_SEL, index);
	return get(dev, REG_QUEUE_READY) ? 0 : get(dev, REG_QUEUE_NUM_MAX);
}

static void set_address(struct virtio_device *dev, unsigned reg, uint64_t v)
{
	set(dev, reg, (uint32_t) v);
	set(dev, reg + 4, (uint32_t) (v >> 32));
}

static int queue_enable(struct virtio_device *dev, struct virtio_queue *q, uint64_t desc, uint64_t avail, uint64_t used)
{
	set(dev, REG_QUEUE_NUM, q->vq.size);
	set_address(dev, REG_QUEUE_DESC, desc);
	set_address(dev, REG_QUEUE_DRIVER, avail);
	set_address(dev, REG_QUEUE_DEVICE, used);
	set(dev, REG_QUEUE_READY, 1);
	return get(dev, REG_QUEUE_READY) ? 0 : -EIO;
}

static void notify(struct virtio_queue *q)
{
	set(q->dev, REG_QUEUE_NOTIFY, q->index);
}

static void interrupt(void *arg)
{
	struct virtio_device *dev = arg;
	uint32_t status = get(dev, REG_INTERRUPT_STATUS);

	/* The GSI may be shared. Acknowledge before looking at the queues: what comes later raises it again. */
	if (status == 0)
		return;
	set(dev, REG_INTERRUPT_ACK, status);
	virtio_interrupt(dev);
}

static int irq_setup(struct virtio_device *dev)
{
	return irq_request_gsi(dev->gsi, true, interrupt, dev);
}

static const struct virtio_transport mmio_transport = {
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.config_generation = config_generation,
	.queue_select = queue_select,
	.queue_enable = queue_enable,
	.notify = notify,
	.irq_setup = irq_setup,
};

static void found(const struct cmdline_device *at)
{
	struct virtio_device *dev;
	uint64_t page = PAGE_ALIGN_DOWN(at->address);
	volatile uint8_t *regs;

	if (at->size < REGION_MIN || at->address % 4 != 0)
		return;
	regs = mmio_map(page, PAGE_ALIGN_UP(at->address - page + at->size));
	dev = kzalloc(sizeof(*dev));
	if (!regs || !dev)
		goto refused;
	dev->transport = &mmio_transport;
	dev->regs = regs + (at->address - page);
	dev->config = dev->regs + REG_CONFIG;
	dev->config_len = (uint32_t) MIN(at->size - REG_CONFIG, UINT32_MAX);
	dev->gsi = at->irq;
	fmt_snprintf(dev->where, sizeof(dev->where), "mmio %lx", (unsigned long) at->address);
	if (get(dev, REG_MAGIC) != MAGIC)
		goto refused;
	dev->id = get(dev, REG_DEVICE_ID);
	if (dev->id == 0) /* an empty place (4.2.2.2) */
		goto refused;
	if (get(dev, REG_VERSION) != 2) {
		klog(VIRTIO_LEGACY, dev->where);
		goto refused;
	}
	virtio_device_add(dev);
	return;
refused:
	kfree(dev);
}

void virtio_mmio_discover(void)
{
	for (size_t i = 0; i < boot_cmdline.device_count; i++)
		found(&boot_cmdline.devices[i]);
}
