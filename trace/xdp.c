/*
 * xdp.c: see xdp.h. It stands between the driver and the network's code: while there is a program (or packets that it has
 * sent are on their way) the driver's functions to call are those of this file.
 *
 * A program sees packets as they are on the wire, in one piece: checksums that the host left out are put in first, and
 * what comes in several pages, as large packets between hosts of one machine do, is copied together and back. Most
 * packets lie in one page, with enough room, and stay where they are.
 */
#include "trace/xdp.h"

#include "bpf/csum.h"
#include "bpf/xdp.h"
#include "drivers/virtio_net.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "trace/area.h"

#define HEADROOM   256 /* before a packet that is copied: Linux's XDP_PACKET_HEADROOM */
#define HEADER	   sizeof(struct vnet_header)
#define BOUNCE	   (HEADROOM + VNET_PACKET_MAX + HEADROOM)
#define IN_PLACE   (PAGE_SIZE - HEADER - HEADROOM) /* bytes of a packet that stays in its page */
#define INDEX	   2				   /* of the device, as the application sees it */
#define CSUM_UDP   6				   /* where UDP's checksum is; 0 means none there */
#define VLAN_EXTRA 4				   /* bytes that Ethernet's header may be longer */
#define GSO_KINDS  0x7f				   /* without VIRTIO_NET_HDR_GSO_ECN */
#define LOST	   UINT32_MAX			   /* a verdict that is ours */

/* An image may have no network. */
extern const struct vnet_ops *vnet_ops __attribute__((weak));
extern struct vnet_info vnet_info __attribute__((weak));
int vnet_send(const struct vnet_piece *pieces, unsigned count, void *token) __attribute__((weak));
void vnet_kick(void) __attribute__((weak));

/* A packet and its frames: of the `count` those from `brought` on are this file's, and the first `used` hold it. The
 * first one has room for the device's header before the packet. */
struct packet {
	struct vnet_header h;
	unsigned brought, count, used, len;
	struct vnet_frame frames[VNET_FRAMES_MAX];
};

/* On its way out; its address, made odd to be no pbuf's, is the driver's token. */
struct sending {
	unsigned count;
	struct paddr pages[];
};

static const struct vnet_ops *under; /* the network's own; NULL: this file is not in between */
static struct trace_prog *program;   /* NULL: none; only to wait for what is being sent */
static struct xdp_counts counts;
static unsigned on_the_way;
static uint8_t *bounce;

/* Puts in the checksum that the host has left to be made: so far its place holds the pseudo header's sum. The driver has
 * checked the places. */
static void complete(struct vnet_header *h, uint8_t *data, unsigned len)
{
	uint16_t sum;

	if (!(h->flags & VNET_NEEDS_CSUM))
		return;
	sum = (uint16_t)~csum_fold(csum_add(0, data + h->csum_start, len - h->csum_start));
	if (!sum && h->csum_offset == CSUM_UDP)
		sum = 0xffff;
	memcpy(data + h->csum_start + h->csum_offset, &sum, sizeof(sum));
}

/* The reverse, for the device to cut a packet that goes out again: false if it cannot. `removed`: see bpf/xdp.h. */
static bool cut_by_device(struct vnet_header *h, int32_t removed, uint8_t *data, unsigned len)
{
	int32_t at = h->csum_start - removed, header = h->hdr_len - removed;
	unsigned kind = h->gso_type & GSO_KINDS;
	uint16_t sum;

	if (!(h->flags & VNET_NEEDS_CSUM) ||
	    !((kind == VNET_GSO_TCPV4 && vnet_info.tso4) || (kind == VNET_GSO_TCPV6 && vnet_info.tso6)))
		return false;
	if (at < BPF_XDP_HEADER || at + h->csum_offset + 2 > (int32_t)len || header <= at || header > (int32_t)len)
		return false;
	/* Pseudo header and packet come to 0xffff: what the packet has not is the pseudo header's. */
	sum = (uint16_t)~csum_fold(csum_add(0, data + at, len - (unsigned)at));
	memcpy(data + at + h->csum_offset, &sum, sizeof(sum));
	h->csum_start = (uint16_t)at;
	h->hdr_len = (uint16_t)header;
	return true;
}

static void copy_out(const struct packet *p, uint8_t *to)
{
	for (unsigned i = 0; i < p->count; i++) {
		memcpy(to, (uint8_t *)phys_to_virt(p->frames[i].page) + p->frames[i].offset, p->frames[i].len);
		to += p->frames[i].len;
	}
}

/* Back into the frames, of which there may have to be more now. */
static bool copy_in(struct packet *p, const uint8_t *from, unsigned len)
{
	p->used = (unsigned)(PAGE_ALIGN_UP(len + HEADER) / PAGE_SIZE);
	if (p->used > VNET_FRAMES_MAX)
		return false;
	for (; p->count < p->used; p->count++)
		if (page_alloc(&p->frames[p->count].page) < 0)
			return false;
	for (unsigned i = 0; i < p->used; i++) {
		struct vnet_frame *f = &p->frames[i];

		f->offset = i ? 0 : HEADER;
		f->len = (uint16_t)MIN(len, (unsigned)PAGE_SIZE - f->offset);
		memcpy((uint8_t *)phys_to_virt(f->page) + f->offset, from, f->len);
		from += f->len;
		len -= f->len;
	}
	return true;
}

/* What the device is told about a packet that goes out. */
static bool outgoing_header(struct packet *p, const struct bpf_xdp_packet *x)
{
	if (p->len > vnet_info.mtu + (unsigned)(BPF_XDP_HEADER + VLAN_EXTRA))
		return cut_by_device(&p->h, x->removed, x->context.data, p->len);
	p->h = (struct vnet_header){0};
	return true;
}

/* Runs the program: its verdict, with the packet as it left it in the frames if that says that it goes on. */
static uint32_t judge(struct packet *p)
{
	bool in_place = p->count == 1 && p->len <= IN_PLACE;
	uint8_t *page = phys_to_virt(p->frames[0].page);
	uint8_t *data = in_place ? page + p->frames[0].offset : bounce + HEADROOM;
	struct bpf_xdp_packet x = {
		.room = in_place ? page + HEADER : bounce,
		.room_end = in_place ? page + PAGE_SIZE : bounce + BOUNCE,
	};
	uint32_t verdict;

	if (!in_place)
		copy_out(p, data);
	complete(&p->h, data, p->len);
	x.context = (struct bpf_xdp_context){data, data + p->len, data, INDEX, 0};
	verdict = (uint32_t)trace_run(program, &x.context, 0);
	if (verdict != BPF_XDP_PASS && verdict != BPF_XDP_TX)
		return verdict;

	data = x.context.data;
	p->len = (unsigned)(x.context.data_end - data);
	if (verdict == BPF_XDP_TX && !outgoing_header(p, &x))
		return LOST;
	if (in_place) {
		p->used = 1;
		p->frames[0].offset = (uint16_t)(data - page);
		p->frames[0].len = (uint16_t)p->len;
	} else if (!copy_in(p, data, p->len)) {
		return LOST;
	}
	return verdict;
}

/* Frames from the n'th on are not needed. */
static void put_frames(const struct packet *p, unsigned n)
{
	for (; n < p->count; n++)
		page_put(p->frames[n].page);
}

/* The frames are not the driver's any more if this says true. */
static bool pass(struct packet *p)
{
	/* The checksum is looked at, as the program may have changed anything. */
	p->h = (struct vnet_header){.num_buffers = (uint16_t)p->used};
	return under->receive(&p->h, p->frames, p->used, p->len);
}

static bool send(const struct packet *p)
{
	static struct vnet_piece pieces[VNET_FRAMES_MAX];
	struct sending *s = kmalloc(sizeof(*s) + p->used * sizeof(s->pages[0]));
	uint8_t *at;

	if (!s)
		return false;
	s->count = p->used;
	for (unsigned i = 0; i < p->used; i++) {
		at = (uint8_t *)phys_to_virt(p->frames[i].page) + p->frames[i].offset;
		s->pages[i] = p->frames[i].page;
		pieces[i] = (struct vnet_piece){at, p->frames[i].len};
	}
	pieces[0].at = (const uint8_t *)pieces[0].at - HEADER;
	pieces[0].len += HEADER;
	memcpy((void *)pieces[0].at, &p->h, HEADER);
	if (vnet_send(pieces, p->used, (void *)((uint64_t)s | 1)) < 0) {
		kfree(s);
		return false;
	}
	on_the_way++;
	vnet_kick();
	return true;
}

static bool receive(const struct vnet_header *h, const struct vnet_frame *frames, unsigned count, unsigned len)
{
	static struct packet p; /* stacks are small, and nothing reenters */
	bool taken = false;

	if (!program)
		return under->receive(h, frames, count, len);
	p.h = *h;
	p.brought = p.count = count;
	p.len = len;
	memcpy(p.frames, frames, count * sizeof(*frames));
	switch (judge(&p)) {
	case BPF_XDP_PASS:
		counts.pass++;
		taken = pass(&p);
		break;
	case BPF_XDP_TX:
		taken = send(&p);
		if (taken)
			counts.tx++;
		else
			counts.lost++;
		break;
	case BPF_XDP_DROP:
		counts.drop++;
		break;
	case LOST:
		counts.lost++;
		break;
	default:
		counts.aborted++;
	}
	put_frames(&p, taken ? p.used : p.brought);
	return taken;
}

static void step_aside(void)
{
	if (!under || program || on_the_way)
		return;
	vnet_ops = under;
	under = NULL;
}

static void sent(void *token)
{
	struct sending *s = (struct sending *)((uint64_t)token & ~1ULL);

	if (!((uint64_t)token & 1)) {
		under->sent(token);
		return;
	}
	for (unsigned i = 0; i < s->count; i++)
		page_put(s->pages[i]);
	kfree(s);
	on_the_way--;
	step_aside();
}

int xdp_attach(struct trace_prog *p)
{
	static struct vnet_ops ops;
	int r;

	if (program)
		return -EBUSY;
	if (!&vnet_ops || !vnet_ops)
		return -ENODEV;
	r = area_alloc(BOUNCE, (void **)&bounce);
	if (r < 0)
		return r;
	counts = (struct xdp_counts){0};
	program = p;
	if (under)
		return 0;
	under = vnet_ops;
	ops = (struct vnet_ops){.receive = receive, .sent = sent, .wake = under->wake};
	vnet_ops = &ops;
	return 0;
}

void xdp_detach(struct trace_prog *p)
{
	if (program != p)
		return;
	program = NULL;
	area_free(bounce, BOUNCE);
	bounce = NULL;
	step_aside();
}

const struct xdp_counts *xdp_counts_of(const struct trace_prog *p)
{
	return p == program ? &counts : NULL;
}
