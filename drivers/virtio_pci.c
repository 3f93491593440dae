/* virtio_pci.c: virtio over PCI, the modern interface (virtio 1.2, 4.1): capabilities say where the registers are,
 * MSI-X brings the interrupts, one vector a device. */
#include "drivers/pci.h"
#include "drivers/virtio.h"
#include "drivers/virtio_transport.h"
#include "kernel/irq.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/mmio.h"
#include "lib/fmt.h"

/* The common configuration: virtio 1.2, 4.1.4.3. */
struct common {
	uint32_t device_feature_select;
	uint32_t device_feature;
	uint32_t driver_feature_select;
	uint32_t driver_feature;
	uint16_t config_msix_vector;
	uint16_t num_queues;
	uint8_t device_status;
	uint8_t config_generation;
	uint16_t queue_select;
	uint16_t queue_size;
	uint16_t queue_msix_vector;
	uint16_t queue_enable;
	uint16_t queue_notify_off;
	uint32_t queue_desc[2];
	uint32_t queue_driver[2];
	uint32_t queue_device[2];
};
_Static_assert(sizeof(struct common) == 56, "virtio 1.2, 4.1.4.3");

enum {
	VENDOR_VIRTIO = 0x1af4,
	DEVICE_TRANSITIONAL = 0x1000, /* .. 0x103f: the subsystem id tells what it is */
	DEVICE_MODERN = 0x1040,	      /* + device number */
	DEVICE_END = 0x1080,

	CAP_VENDOR = 0x09,
	CAP_MSIX = 0x11,
	CFG_COMMON = 1,
	CFG_NOTIFY = 2,
	CFG_DEVICE = 4,
	CAPABILITIES_MAX = 16, /* of a function; the list may be a circle */

	COMMAND_MEMORY = 1 << 1,
	COMMAND_MASTER = 1 << 2,
	COMMAND_NO_INTX = 1 << 10,

	MSIX_ENABLE = 1 << 31, /* in the capability's first word */
	MSIX_MASK_ALL = 1 << 30,
	VECTOR_NONE = 0xffff,
};

static volatile struct common *common(struct virtio_device *dev)
{
	return (volatile struct common *) dev->regs;
}

static uint8_t get_status(struct virtio_device *dev)
{
	return common(dev)->device_status;
}

static void set_status(struct virtio_device *dev, uint8_t status)
{
	common(dev)->device_status = status;
}

static uint32_t get_features(struct virtio_device *dev, unsigned word)
{
	common(dev)->device_feature_select = word;
	return common(dev)->device_feature;
}

static void set_features(struct virtio_device *dev, unsigned word, uint32_t v)
{
	common(dev)->driver_feature_select = word;
	common(dev)->driver_feature = v;
}

static uint32_t config_generation(struct virtio_device *dev)
{
	return common(dev)->config_generation;
}

static unsigned queue_select(struct virtio_device *dev, unsigned index)
{
	if (index >= common(dev)->num_queues)
		return 0;
	common(dev)->queue_select = (uint16_t) index;
	return common(dev)->queue_size;
}

static void set_address(volatile uint32_t *reg, uint64_t v)
{
	reg[0] = (uint32_t) v;
	reg[1] = (uint32_t) (v >> 32);
}

static int queue_enable(struct virtio_device *dev, struct virtio_queue *q, uint64_t desc, uint64_t avail, uint64_t used)
{
	volatile struct common *c = common(dev);
	uint64_t off = (uint64_t) c->queue_notify_off * dev->notify_multiplier;

	if (dev->notify_len < 2 || off > dev->notify_len - 2)
		return -EIO;
	q->notify = dev->notify + off;
	c->queue_size = q->vq.size;
	c->queue_msix_vector = 0;
	if (c->queue_msix_vector == VECTOR_NONE)
		return -EIO;
	set_address(c->queue_desc, desc);
	set_address(c->queue_driver, avail);
	set_address(c->queue_device, used);
	c->queue_enable = 1;
	return 0;
}

static void notify(struct virtio_queue *q)
{
	*(volatile uint16_t *) q->notify = q->index;
}

static int irq_setup(struct virtio_device *dev)
{
	uint32_t function = dev->pci_address, control = pci_read(function, dev->msix_cap);
	uint64_t address;
	uint32_t data;
	int r;

	r = irq_request_msi(virtio_interrupt, dev, &address, &data);
	if (r < 0)
		return r;
	/* An entry: address, data, vector control (PCI Local Bus 3.0, 6.8.2). */
	dev->msix[0] = (uint32_t) address;
	dev->msix[1] = (uint32_t) (address >> 32);
	dev->msix[2] = data;
	dev->msix[3] = 0;
	pci_write(function, dev->msix_cap, (control | MSIX_ENABLE) & ~(uint32_t) MSIX_MASK_ALL);
	common(dev)->config_msix_vector = 0;
	return common(dev)->config_msix_vector == VECTOR_NONE ? -EIO : 0;
}

static const struct virtio_transport pci_transport = {
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

/* Maps `len` bytes at `offset` in a BAR; NULL if that is not possible. */
static volatile uint8_t *map_bar(uint32_t function, unsigned bar, uint32_t offset, uint32_t len)
{
	uint64_t base, page;
	volatile uint8_t *p;

	if (bar > 5 || offset > UINT32_MAX - len || offset % 4 != 0)
		return NULL;
	base = pci_bar_address(function, bar);
	if (base == 0 || base > UINT64_MAX - UINT32_MAX)
		return NULL;
	page = PAGE_ALIGN_DOWN(base + offset);
	p = mmio_map(page, PAGE_ALIGN_UP(base + offset + len - page));
	return p ? p + (base + offset - page) : NULL;
}

/* A structure that a vendor capability points to (4.1.4). The first of each type counts. */
static void map_structure(struct virtio_device *dev, uint8_t cap)
{
	uint32_t function = dev->pci_address, head = pci_read(function, cap);
	unsigned type = head >> 24, cap_len = head >> 16 & 0xff, bar = pci_read(function, cap + 4) & 0xff;
	uint32_t offset = pci_read(function, cap + 8), len = pci_read(function, cap + 12);

	if (cap > 0x100 - 20 || cap_len < 16 || len == 0)
		return;
	if (type == CFG_COMMON && !dev->regs && len >= sizeof(struct common)) {
		dev->regs = map_bar(function, bar, offset, sizeof(struct common));
	} else if (type == CFG_NOTIFY && !dev->notify && cap_len >= 20) {
		dev->notify_len = MIN(len, 65536u);
		dev->notify = map_bar(function, bar, offset, dev->notify_len);
		dev->notify_multiplier = pci_read(function, cap + 16);
	} else if (type == CFG_DEVICE && !dev->config) {
		dev->config_len = MIN(len, (uint32_t) PAGE_SIZE);
		dev->config = map_bar(function, bar, offset, dev->config_len);
		if (!dev->config)
			dev->config_len = 0;
	}
}

static void found(uint32_t function)
{
	uint32_t ids = pci_read(function, PCI_ID), device = ids >> 16, table;
	struct virtio_device *dev;
	uint8_t cap = 0;

	if ((ids & 0xffff) != VENDOR_VIRTIO || device < DEVICE_TRANSITIONAL || device >= DEVICE_END)
		return;
	dev = kzalloc(sizeof(*dev));
	if (!dev)
		return;
	dev->transport = &pci_transport;
	dev->pci_address = function;
	dev->id = device >= DEVICE_MODERN ? device - DEVICE_MODERN : pci_read(function, PCI_SUBSYSTEM) >> 16;
	fmt_snprintf(dev->where, sizeof(dev->where), "pci %02x:%02x.%x", (unsigned) (function >> 16),
		     (unsigned) (function >> 11 & 31), (unsigned) (function >> 8 & 7));

	pci_write(function, PCI_COMMAND, (pci_read(function, PCI_COMMAND) & 0xffff) | COMMAND_MEMORY | COMMAND_MASTER |
					 COMMAND_NO_INTX);
	for (unsigned i = 0; i < CAPABILITIES_MAX && pci_next_capability(function, CAP_VENDOR, &cap); i++)
		map_structure(dev, cap);
	if (pci_next_capability(function, CAP_MSIX, &dev->msix_cap)) {
		table = pci_read(function, dev->msix_cap + 4);
		dev->msix = (volatile uint32_t *) map_bar(function, table & 7, table & ~7u, 16);
	}
	if (!dev->regs || !dev->notify || !dev->msix) {
		klog("virtio: %s: device refused: no %s", dev->where,
		     !dev->regs ? "modern interface" : !dev->notify ? "notification registers" : "MSI-X");
		kfree(dev);
		return;
	}
	virtio_device_add(dev);
}

void virtio_pci_discover(void)
{
	pci_for_each(found);
}
