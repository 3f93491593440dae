/*
 * fuzz_virtio.c: every driver on a device that breaks the rules: its registers, its configuration, PCI's capabilities, its
 * rings and what it puts into buffers are the input's; in between the driver is used, as the input says, and memory fails.
 * What the driver gives out must hold its promises.
 */
#include "drivers/virtio.h"
#include "drivers/virtio_9p.h"
#include "drivers/virtio_console.h"
#include "drivers/virtio_net.h"
#include "drivers/virtio_rng.h"
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/waitq.h"
#include "tests/fuzz/fake_virtio.h"

_Noreturn void abort(void);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern void (*const __start_host_init[])(void), (*const __stop_host_init[])(void);

void (*machine_exit_hook)(void);
static struct input in;
static bool waiting;

static void must(bool cond)
{
	if (!cond)
		abort();
}

bool host_waits(void)
{
	if (!in.left)
		return false;
	fake_turn(&in);
	if (take(&in, 1) & 1) /* its interrupt is lost, or it has none to say */
		fake_interrupt();
	return take(&in, 1) & 3;
}

void host_looks(void)
{
	if (waiting || !in.left)
		return;
	waiting = true; /* not from what it does itself */
	fake_turn(&in);
	waiting = false;
}

const char *boot_option(const char *key)
{
	return strcmp(key, "9p_timeout") == 0 ? "1s" : NULL;
}

static void use_rng(unsigned op)
{
	uint8_t bytes[2000];

	if (op & 1)
		rng_boot_sample(bytes);
	rng_read(bytes, op * 8);
}

static void use_9p(unsigned op)
{
	static uint8_t tx[10000], rx[10000];
	struct p9_segment payload[3];
	struct p9_transport *t;
	size_t txlen = take(&in, 2) % sizeof(tx), rxcap = take(&in, 2) % sizeof(rx), got, room = rxcap;
	unsigned count = op & 3, have = 0;

	must(p9_transport_find("nobody", &t) == -ENOENT);
	if (p9_transport_find("host", &t) < 0)
		return;
	for (; have < count && page_alloc(&payload[have].at) == 0; have++) {
		payload[have].len = PAGE_SIZE;
		if (op & 0x20)
			payload[have].at.pa += payload[have].len = take(&in, 2) & 0xfff;
		room += payload[have].len;
	}
	if (!have) {
		if (p9_rpc(t, tx, txlen, rx, rxcap, &got) == 0)
			must(got <= rxcap);
	} else if (p9_rpc_zc(t, tx, op & 0x40 ? 11 : txlen, rx, op & 0x40 ? 11 : rxcap, payload, have, op & 0x10, &got) == 0) {
		must(got <= (op & 0x10 ? room : rxcap) || op & 0x40);
	}
	for (unsigned i = 0; i < have; i++)
		page_put((struct paddr){ PAGE_ALIGN_DOWN(payload[i].at.pa) });
}

static void port_event(struct vport *p, void *ctx)
{
	char bytes[100];

	if ((uintptr_t) ctx & 1)
		vport_read(p, bytes, sizeof(bytes));
}

static void use_console(unsigned op)
{
	static uint8_t bytes[6000];
	static struct vport *ports[4];
	struct vport **at = &ports[op >> 6], *p = *at;
	unsigned rows, cols, n = take(&in, 1);
	size_t r, readable;

	if (op == 0xff) {
		memset(ports, 0, sizeof(ports));
		return;
	}
	if (!p) {
		p = *at = n & 1 ? vport_find(n & 2 ? "uio.console" : "a") : vport_find_nr(n >> 4);
		if (p)
			vport_on_event(p, port_event, (void *) (uintptr_t) (n >> 2));
		return;
	}
	must(strlen(vport_name(p)) < VPORT_NAME_MAX && vport_nr(p) < VPORTS_MAX);
	switch (op & 7) {
	case 0:
	case 1:
		readable = vport_readable(p);
		r = vport_read(p, bytes, n * 20);
		must(r <= n * 20u && (r <= readable || !readable || r));
		break;
	case 2:
	case 3:
		must(vport_write(p, bytes, n * 20) <= n * 20u);
		break;
	case 4:
		vport_discard(p);
		vport_flush(p, n * NSEC_PER_MSEC);
		break;
	case 5:
		vport_size(p, &rows, &cols);
		vport_host_open(p);
		vport_generation(p);
		vport_writable(p);
		break;
	case 6:
		if (machine_exit_hook)
			machine_exit_hook();
		break;
	}
}

static unsigned packets_out;
static struct paddr taken[8];
static unsigned taken_count;

static bool on_receive(const struct vnet_header *h, const struct vnet_frame *frames, unsigned count, unsigned len)
{
	unsigned sum = 0;

	must(count >= 1 && count <= VNET_FRAMES_MAX && len >= 14 && len <= VNET_PACKET_MAX);
	for (unsigned i = 0; i < count; i++) {
		must(frames[i].offset + frames[i].len <= PAGE_SIZE);
		for (unsigned k = 0; k < frames[i].len; k++)
			((volatile uint8_t *) phys_to_virt(frames[i].page))[frames[i].offset + k] += 0;
		sum += frames[i].len;
	}
	must(sum == len);
	if (h->flags & VNET_NEEDS_CSUM)
		must(h->csum_start <= len && h->csum_offset + 2u <= len - h->csum_start);
	if (count > 1 || taken_count == 8 || !(len & 1))
		return false;
	taken[taken_count++] = frames[0].page;
	return true;
}

static void on_sent(void *token)
{
	must(token && packets_out--);
}

static void on_wake(void)
{
}

static void use_net(unsigned op)
{
	static const struct vnet_ops ops = { on_receive, on_sent, on_wake };
	static uint8_t *packet;
	struct vnet_piece pieces[VNET_PIECES_MAX + 1];
	const struct vnet_info *info;
	unsigned count = 1 + (op >> 3) % ARRAY_SIZE(pieces);

	switch (op & 7) {
	case 0:
		info = vnet_open(&ops);
		must(!info || (info->mtu >= 68 && info->mtu <= 9000));
		break;
	case 1:
	case 2:
		vnet_poll(1 + op / 8);
		while (taken_count)
			page_put(taken[--taken_count]);
		break;
	case 3:
		vnet_sleep(op & 8);
		break;
	case 4:
	case 5:
		packet = kzalloc(64);
		for (unsigned i = 0; i < count; i++)
			pieces[i] = (struct vnet_piece){ packet, 64 };
		if (packet && vnet_send(pieces, count, packet) == 0)
			packets_out++;
		break;
	case 6:
		vnet_kick();
		break;
	default:
		vnet_link_up();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t ids[] = { VIRTIO_ID_RNG, VIRTIO_ID_9P, VIRTIO_ID_CONSOLE, VIRTIO_ID_NET };
	unsigned how, id;

	host_reset();
	host_forget();
	host_tick_ns = 10 * NSEC_PER_MSEC;
	machine_exit_hook = NULL;
	packets_out = taken_count = 0;
	use_console(0xff);
	in = (struct input){ data, size };
	how = take(&in, 1);
	id = ids[how & 3];
	fake_start(&in, how & 8 ? take(&in, 1) : id, how & 4);
	if (how & 16)
		host_fail_at = take(&in, 1) & 31;
	for (void (*const *init)(void) = __start_host_init; init < __stop_host_init; init++)
		(*init)();
	while (in.left) {
		unsigned op = take(&in, 1);

		if (how & 32 && op == 0)
			host_fail_at = host_allocations + 1 + (take(&in, 1) & 7);
		if (op & 1)
			fake_turn(&in);
		if (op & 2)
			fake_interrupt();
		if (!(op & 4))
			continue;
		op = take(&in, 1);
		if (id == VIRTIO_ID_RNG)
			use_rng(op);
		else if (id == VIRTIO_ID_9P)
			use_9p(op);
		else if (id == VIRTIO_ID_CONSOLE)
			use_console(op);
		else
			use_net(op);
	}
	return 0;
}
