/* virtio_console.c: the console device and its control queue (virtio 1.2, 5.3.6): which ports there are, their names,
 * who is connected. The ports' bytes are vport.c's. */
#include "drivers/virtio_console.h"

#include "drivers/vport.h"
#include "kernel/clock.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/panic.h"

#define F_MULTIPORT (1ULL << 1)

/* struct virtio_console_config: u16 cols, rows; u32 max_nr_ports. */
enum { CONFIG_MAX_PORTS = 4 };

/* Control events (5.3.6.2). */
enum {
	EVENT_DEVICE_READY = 0,
	EVENT_DEVICE_ADD = 1,
	EVENT_DEVICE_REMOVE = 2,
	EVENT_PORT_READY = 3,
	EVENT_CONSOLE_PORT = 4,
	EVENT_RESIZE = 5,
	EVENT_PORT_OPEN = 6,
	EVENT_PORT_NAME = 7,
};

struct control {
	uint32_t id;
	uint16_t event;
	uint16_t value;
};
_Static_assert(sizeof(struct control) == 8, "virtio 1.2, 5.3.6.2");

/*
 * A device drops control messages for which it has no buffer. DEVICE_READY is answered by one message a port (QEMU has
 * at most 31), PORT_READY by up to three. So one message is under way at a time, and the next is sent when its answers
 * have been taken: the device gives our message back after it has answered. What it says unasked, who comes and who
 * goes, may all the same be more than there are buffers (QEMU 7.2, send_control_msg()); when all of them come back at
 * once, we doubt what we know and ask: PORT_READY is answered by PORT_OPEN where somebody is.
 */
enum {
	CONTROL_RING = 32,
	CONTROL_BUFFER = 64,
	CONTROL_TX_RING = 2,
};

static struct console {
	struct virtio_device *dev;	/* NULL: none found */
	struct vport *ports;
	unsigned port_count;
	bool multiport;
	struct virtio_queue rx, tx;	/* control */
	uint8_t *rx_buffers;		/* CONTROL_RING of CONTROL_BUFFER bytes */
	struct control *tx_buffer;
	struct vport *asked;		/* whose PORT_READY is under way */
	bool tx_busy;			/* tx_buffer is the device's */
	bool owe_ready;			/* DEVICE_READY not sent yet */
} con;

void vport_give_up(void)
{
	/* Once: a port's event may read, and would come back here. */
	if (con.dev->failed)
		return;
	virtio_fail(con.dev, "broke its queue");
	for (unsigned i = 0; i < con.port_count; i++)
		vport_changed(&con.ports[i]);
}

static void control_give(uint8_t *buffer)
{
	struct vq_segment s = { .addr = virt_to_phys(buffer).pa, .len = CONTROL_BUFFER, .device_writes = true };

	(void) vq_add(&con.rx.vq, &s, 1, buffer); /* as many descriptors as buffers */
}

static void set_name(struct vport *p, const char *text, size_t n)
{
	size_t i;

	n = MIN(n, (size_t) VPORT_NAME_MAX - 1);
	for (i = 0; i < n && text[i] > ' ' && text[i] < 0x7f; i++)
		p->name[i] = text[i];
	p->name[i] = '\0';
}

static void host_opens(struct vport *p, bool open)
{
	p->doubt = false;
	if (open && !p->host_open)
		p->generation++;
	else if (!open && p->host_open)
		vport_host_closed(p);
	p->host_open = open;
	/* Without memory now the port stays deaf until it is opened again. */
	if (open && p->used)
		(void) vport_start_rx(p);
	vport_changed(p);
}

static void control_handle(const uint8_t *buffer, size_t len)
{
	const struct control *m = (const struct control *) buffer;
	const uint16_t *size = (const uint16_t *) (m + 1);
	struct vport *p;

	if (len < sizeof(*m) || m->id >= con.port_count)
		return;
	p = &con.ports[m->id];
	if (m->event != EVENT_DEVICE_ADD && !p->present)
		return;
	switch (m->event) {
	case EVENT_DEVICE_ADD:
		p->present = true;
		p->owe_ready = true;
		p->owe_open = p->used; /* it was away */
		return;
	case EVENT_DEVICE_REMOVE:
		p->present = false;
		p->host_open = false;
		p->owe_ready = p->owe_open = false;
		break;
	case EVENT_CONSOLE_PORT:
		p->console = true;
		return;
	case EVENT_PORT_NAME:
		set_name(p, (const char *) (m + 1), len - sizeof(*m));
		return;
	case EVENT_PORT_OPEN:
		host_opens(p, m->value);
		return;
	case EVENT_RESIZE:
		if (len < sizeof(*m) + 2 * sizeof(*size))
			return;
		p->cols = size[0];
		p->rows = size[1];
		break;
	default:
		return;
	}
	vport_changed(p);
}

/* What we owe the device next; false: nothing. */
static bool control_next(struct control *ret)
{
	if (con.owe_ready) {
		con.owe_ready = false;
		*ret = (struct control){ .id = 0, .event = EVENT_DEVICE_READY, .value = 1 };
		return true;
	}
	for (unsigned i = 0; i < con.port_count; i++) {
		struct vport *p = &con.ports[i];

		if (!p->owe_ready && !p->owe_open)
			continue;
		*ret = (struct control){ .id = i, .event = EVENT_PORT_OPEN, .value = 1 };
		con.asked = p;
		if (p->owe_ready) {
			ret->event = EVENT_PORT_READY;
			p->owe_ready = false;
		} else {
			p->owe_open = false;
		}
		return true;
	}
	return false;
}

/* There may have been more to tell than there were buffers. */
static void doubt(void)
{
	for (unsigned i = 0; i < con.port_count; i++)
		con.ports[i].owe_ready = con.ports[i].doubt = con.ports[i].present;
}

static void control_pump(void)
{
	struct vq_segment s = { .addr = virt_to_phys(con.tx_buffer).pa, .len = sizeof(struct control) };
	void *token;
	uint32_t len;
	int r, n;

	while (!con.dev->failed) {
		r = vq_collect(&con.tx.vq, &token, &len);
		if (r > 0)
			con.tx_busy = false;
		/* After the above: the answers to a message that came back are in the ring. */
		for (n = 0; r >= 0 && (r = vq_collect(&con.rx.vq, &token, &len)) > 0; n++) {
			control_handle(token, len);
			control_give(token);
		}
		if (n >= CONTROL_RING)
			doubt();
		else if (!con.tx_busy && con.asked && con.asked->doubt && !con.asked->owe_ready)
			host_opens(con.asked, false);
		if (r < 0)
			vport_give_up();
		virtio_kick(&con.rx);
		if (con.tx_busy || !control_next(con.tx_buffer))
			break;
		con.tx_busy = vq_add(&con.tx.vq, &s, 1, con.tx_buffer) == 0;
		virtio_kick(&con.tx);
	}
}

void vport_hear(void)
{
	/* A port's event, called from the pump, may read: once is enough, and the stack is small. */
	static bool hearing;

	if (!con.multiport || hearing)
		return;
	hearing = true;
	control_pump();
	hearing = false;
}

static void interrupt(struct virtio_device *dev)
{
	vport_hear();
	for (unsigned i = 0; i < con.port_count; i++)
		if (con.ports[i].used)
			vport_service(&con.ports[i]);
}

/* Lets the device say what it has to say about its ports. */
static void settle(void)
{
	uint64_t end = clock_monotonic_ns() + 100 * NSEC_PER_MSEC;

	while (con.multiport && !con.dev->failed) {
		control_pump();
		if (!con.tx_busy || clock_monotonic_ns() >= end)
			break;
		__builtin_ia32_pause();
	}
}

static struct vport *use(struct vport *p)
{
	if (p->used)
		return p;
	if ((p->host_open || p->console) && vport_start_rx(p) < 0)
		return NULL;
	p->used = true;
	if (con.multiport) {
		p->owe_open = true;
		control_pump();
	}
	return p;
}

struct vport *vport_find_nr(unsigned nr)
{
	virtio_init();
	if (!con.dev || nr >= con.port_count)
		return NULL;
	settle();
	return con.ports[nr].present ? use(&con.ports[nr]) : NULL;
}

struct vport *vport_find(const char *name)
{
	virtio_init();
	if (!con.dev)
		return NULL;
	settle();
	for (unsigned i = 0; i < con.port_count; i++)
		if (con.ports[i].present && strcmp(con.ports[i].name, name) == 0)
			return use(&con.ports[i]);
	return strcmp(name, "uio.console") == 0 ? vport_find_nr(0) : NULL;
}

/* Queue numbers: port 0 has 0 and 1, the control queues are 2 and 3, port n has 2n + 2 and 2n + 3 (5.3.2). */
static int port_init(struct virtio_device *dev, unsigned nr, uint8_t *rings)
{
	struct vport *p = &con.ports[nr];
	unsigned first = nr ? 2 * nr + 2 : 0;
	int r;

	p->nr = (uint8_t) nr;
	waitq_init(&p->readers);
	waitq_init(&p->writers);
	r = virtio_queue_init(dev, &p->rx, first, PORT_RING, rings, p->slots[0]);
	if (r < 0)
		return r;
	return virtio_queue_init(dev, &p->tx, first + 1, PORT_RING, rings + 128, p->slots[1]);
}

static int ports_init(struct virtio_device *dev)
{
	const size_t both = 2 * 128; /* a port's rings */
	struct paddr rings;
	int r;

	_Static_assert(sizeof(struct vq_desc) * PORT_RING + 14 + 2 + 38 <= 128, "rings of a port's queue");
	con.ports = kzalloc(con.port_count * sizeof(*con.ports));
	if (!con.ports)
		return -ENOMEM;
	r = page_alloc_contig((unsigned) (PAGE_ALIGN_UP(con.port_count * both) / PAGE_SIZE), &rings);
	for (unsigned i = 0; r == 0 && i < con.port_count; i++)
		r = port_init(dev, i, (uint8_t *) phys_to_virt(rings) + i * both);
	con.ports[0].console = true;
	return r;
}

/* One page: receive buffers, then the two queues with their slots, then the message under way. */
static int control_init(struct virtio_device *dev)
{
	struct paddr page;
	uint8_t *at;
	int r;

	r = page_alloc_zeroed(&page);
	if (r < 0)
		return r;
	con.rx_buffers = at = phys_to_virt(page);
	at += CONTROL_RING * CONTROL_BUFFER;
	r = virtio_queue_init(dev, &con.rx, 2, CONTROL_RING, at, (void *) (at + 896));
	at += 896 + CONTROL_RING * sizeof(struct vq_slot);
	if (r == 0)
		r = virtio_queue_init(dev, &con.tx, 3, CONTROL_TX_RING, at, (void *) (at + 128));
	con.tx_buffer = (void *) (at + 256);
	return r;
}

/* The device takes output in its own time: what was written must be out before QEMU ends. */
static void flush(void)
{
	for (unsigned i = 0; i < con.port_count; i++)
		if (con.ports[i].used)
			vport_flush(&con.ports[i], (con.ports[i].console ? 2000 : 100) * NSEC_PER_MSEC);
}

static int probe(struct virtio_device *dev)
{
	uint32_t max_ports = 1;
	int r;

	if (con.dev)
		return -EBUSY;
	r = virtio_negotiate(dev, F_MULTIPORT);
	if (r < 0)
		return r;
	con.multiport = dev->features & F_MULTIPORT;
	if (con.multiport)
		virtio_config_read(dev, CONFIG_MAX_PORTS, &max_ports, sizeof(max_ports));
	con.port_count = MAX(1u, MIN(max_ports, (uint32_t) VPORTS_MAX));
	r = ports_init(dev);
	if (r == 0 && con.multiport)
		r = control_init(dev);
	if (r < 0)
		return r;
	con.dev = dev;
	dev->interrupt = interrupt;
	machine_exit_hook = flush;
	virtio_start(dev);
	if (con.multiport) {
		for (unsigned i = 0; i < CONTROL_RING; i++)
			control_give(con.rx_buffers + i * CONTROL_BUFFER);
		con.owe_ready = true;
		control_pump();
	} else {
		con.ports[0].present = true;
	}
	return 0;
}

static struct virtio_driver driver = { .id = VIRTIO_ID_CONSOLE, .name = "console", .probe = probe };

static void virtio_console(void)
{
	virtio_driver_register(&driver);
}
INIT(20, virtio_console);
