/*
 * virtio.h: virtio devices (virtio 1.2, chapters 2 to 4) whatever their transport. A transport finds devices and enters
 * them with virtio_device_add(); a driver registers the device number it serves and is probed for each device of that
 * number. A device nobody serves is left alone.
 *
 * Only non-transitional use: VIRTIO_F_VERSION_1 is required. All fields are little-endian, as the CPU is.
 */
#ifndef UIO_DRIVERS_VIRTIO_H
#define UIO_DRIVERS_VIRTIO_H

#include "drivers/virtqueue.h"
#include "kernel/types.h"

/* Device numbers (virtio 1.2, chapter 5). */
enum {
	VIRTIO_ID_NET = 1,
	VIRTIO_ID_CONSOLE = 3,
	VIRTIO_ID_RNG = 4,
	VIRTIO_ID_9P = 9,
};

struct virtio_device;
struct virtio_queue;

/* What a transport can do. None of these blocks or allocates, but irq_setup. */
struct virtio_transport {
	uint8_t (*get_status)(struct virtio_device *);
	void (*set_status)(struct virtio_device *, uint8_t);
	uint32_t (*get_features)(struct virtio_device *, unsigned word);
	void (*set_features)(struct virtio_device *, unsigned word, uint32_t);
	uint32_t (*config_generation)(struct virtio_device *);
	/* Selects the queue; the largest size it can have, 0 if there is no such queue. */
	unsigned (*queue_select)(struct virtio_device *, unsigned index);
	/* The selected queue gets its size and memory, and is enabled. 0 or -EIO. */
	int (*queue_enable)(struct virtio_device *, struct virtio_queue *, uint64_t desc, uint64_t avail,
			    uint64_t used);
	void (*notify)(struct virtio_queue *);
	/* Lets the device interrupt: calls virtio_interrupt(). After the reset, before queues are enabled. */
	int (*irq_setup)(struct virtio_device *);
};

struct virtio_device {
	struct list node;			/* all devices, in the order they were found */
	const struct virtio_transport *transport;
	uint32_t id;
	char where[20];				/* for the log: "mmio feb00e00", "pci 00:03.0" */
	const char *name;			/* of the driver that was probed; NULL: none was */
	bool failed;				/* given up: reset, never touched again */
	uint64_t features;			/* negotiated */
	void (*interrupt)(struct virtio_device *); /* the driver's: look at all queues; interrupt context */
	void *driver;				/* the driver's own */

	volatile uint8_t *regs;			/* mmio: all registers; pci: common configuration */
	volatile uint8_t *config;		/* device-specific configuration */
	uint32_t config_len;			/* bytes that may be read there */
	unsigned gsi;				/* mmio */
	uint32_t pci_address;			/* pci: bus, device and function as in CONFIG_ADDRESS */
	volatile uint8_t *notify;		/* pci */
	uint32_t notify_multiplier, notify_len;	/* pci */
	volatile uint32_t *msix;		/* pci: entry 0 of the table */
	uint8_t msix_cap;			/* pci: offset of the capability */
};

struct virtio_queue {
	struct virtqueue vq;
	struct virtio_device *dev;
	uint16_t index;
	volatile void *notify;			/* transport only */
};

/* A driver: probe() gets a device that has been reset and acknowledged, and does virtio_negotiate(),
 * virtio_queue_init() for each queue, virtio_start(). On an error the device is marked failed. The structure lives for
 * ever. */
struct virtio_driver {
	uint32_t id;
	const char *name;
	int (*probe)(struct virtio_device *);
	struct virtio_driver *next;		/* virtio.c only */
};

/* From the driver's INIT(20, ...); devices found earlier or later are probed alike. */
void virtio_driver_register(struct virtio_driver *drv);

/* Looks for devices on every transport, once; boot calls it at level 22, and it may be called earlier. */
void virtio_init(void);

/* Transports: enters a device (kzalloc'ed: transport, id, where and the transport's own fields are set). */
void virtio_device_add(struct virtio_device *dev);
/* Transports: the device interrupted. */
void virtio_interrupt(void *dev);

/* Negotiates VIRTIO_F_VERSION_1, EVENT_IDX and those of `wanted` that the device offers; the outcome is dev->features.
 * -ENODEV for a device that does not speak version 1, -EIO if it refuses the set. */
int virtio_negotiate(struct virtio_device *dev, uint64_t wanted);

/* Number of elements that queue `index` can have at most; 0: no such queue. */
unsigned virtio_queue_max(struct virtio_device *dev, unsigned index);

/* Sets up queue `index` with `size` elements (a power of two; -EINVAL if the device cannot). `memory` is in the direct
 * map, vq_memory_size(size) bytes long, aligned to 16 and physically contiguous. Before virtio_start(). */
int virtio_queue_init(struct virtio_device *dev, struct virtio_queue *q, unsigned index, uint16_t size, void *memory,
		      struct vq_slot *slots);
/* The same with memory from the kernel heap, for small queues: size <= 128. */
int virtio_queue_create(struct virtio_device *dev, struct virtio_queue *q, unsigned index, uint16_t size);

/* The device may work, and interrupt, from here on. */
void virtio_start(struct virtio_device *dev);

/* Tells the device about new buffers if it wants to know. */
void virtio_kick(struct virtio_queue *q);

/* For the log, with dev->where; QEMU's properties are a PCI device's and virtio-mmio's. */
#define VIRTIO_LEGACY "virtio: %s: legacy device refused (needs disable-legacy=on or force-legacy=false)"

/* Gives the device up: logs why ("broke its queue"), resets it. Buffers are the driver's again. Callable from interrupt handlers. */
void virtio_fail(struct virtio_device *dev, const char *why);

/* True if the device found itself in an error it cannot leave (2.1.1). */
bool virtio_needs_reset(struct virtio_device *dev);

/* Reads one field of the device-specific configuration (or an array of bytes), consistently (2.5.3): `len` 2 or 4 is
 * one access, anything else goes byte by byte. Beyond the configuration's end all bytes are 0. */
void virtio_config_read(struct virtio_device *dev, unsigned offset, void *buf, unsigned len);

#define VIRTIO_F_EVENT_IDX (1ULL << 29)
#define VIRTIO_F_VERSION_1 (1ULL << 32)

#endif
