/* netif.c: the virtio network device as lwIP's Ethernet interface. Packets that arrive keep their frames (small ones are
 * copied, so that they do not hold a page each); packets that go out are sent from lwIP's buffers, virtio's header in the
 * room before Ethernet's. What the device has no room for waits in a queue. */
#include "drivers/virtio_net.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/netif.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"
#include "lwip/prot/udp.h"
#include "lwip/priv/tcp_priv.h"
#include "net/lwip_hooks.h"
#include "net/net.h"

#define BARE_MAX 128		/* bytes of a packet that is all headers */
#define COPY_MAX 512		/* bytes of a packet that is copied */
#define WAITING_MAX 512		/* packets that wait for room in the device */
#define TSO_SEGMENTS 16		/* that the device may make of one packet */
#define BUDGET 64		/* packets taken at a time */

struct rx_pbuf {
	struct pbuf_custom custom;
	struct paddr page;
};

static struct netif nif;
static const struct vnet_info *info;
static bool unsent;		/* packets that the device has not been told of */
static struct {
	struct pbuf *packet[WAITING_MAX];
	unsigned first, count;
} waiting;

static void rx_free(struct pbuf *p)
{
	struct rx_pbuf *rx = (struct rx_pbuf *) p;

	page_put(rx->page);
	kfree(rx);
}

static struct pbuf *copy_frames(const struct vnet_frame *frames, unsigned count, unsigned len)
{
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t) len, PBUF_RAM);
	uint8_t *to;

	if (!p)
		return NULL;
	to = p->payload;
	for (unsigned i = 0; i < count; i++) {
		memcpy(to, (uint8_t *) phys_to_virt(frames[i].page) + frames[i].offset, frames[i].len);
		to += frames[i].len;
	}
	return p;
}

/* A chain over the frames, which are then its own; NULL: none of them is. */
static struct pbuf *wrap_frames(const struct vnet_frame *frames, unsigned count)
{
	struct pbuf *chain = NULL;

	for (unsigned i = count; i--;) {
		struct rx_pbuf *rx = kmalloc(sizeof(*rx));
		struct pbuf *p;

		if (!rx) {
			/* The later frames stay the driver's: keep them over the chain's end. */
			for (unsigned j = i + 1; j < count; j++)
				page_get(frames[j].page);
			if (chain)
				pbuf_free(chain);
			return NULL;
		}
		rx->page = frames[i].page;
		rx->custom.custom_free_function = rx_free;
		p = pbuf_alloced_custom(PBUF_RAW, frames[i].len, PBUF_REF, &rx->custom,
					(uint8_t *) phys_to_virt(rx->page) + frames[i].offset, frames[i].len);
		if (chain)
			pbuf_cat(p, chain);
		chain = p;
	}
	return chain;
}

static bool receive(const struct vnet_header *h, const struct vnet_frame *frames, unsigned count, unsigned len)
{
	bool verified = h->flags & (VNET_NEEDS_CSUM | VNET_DATA_VALID);
	bool copied = len <= COPY_MAX;
	u16_t checks = nif.chksum_flags;
	struct pbuf *p = NULL;

	net_look_at_memory();
	/* Acknowledgements and resets must get through: they are what gives memory back. */
	if (len <= BARE_MAX || !net_memory_short())
		p = copied ? copy_frames(frames, count, len) : len <= 0xffff ? wrap_frames(frames, count) : NULL;
	if (!p) {
		vnet_stats.rx_dropped++;
		return false;
	}
	if (!verified)
		nif.chksum_flags |= NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP;
	if (nif.input(p, &nif) != ERR_OK)
		pbuf_free(p);
	nif.chksum_flags = checks;
	return !copied;
}

static void sent(void *token)
{
	pbuf_free(token);
}

/* The sum over the pseudo header, which the device's sum begins with (virtio 1.2, 5.1.6.2.1), not inverted. */
static uint16_t pseudo_sum(const void *addresses, unsigned len, uint8_t protocol, unsigned l4_len)
{
	uint32_t sum = net_checksum(addresses, (int) len);

	sum += lwip_htons((uint16_t) l4_len);
	sum += l4_len >> 16;
	sum += lwip_htons(protocol);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ((sum & 0xffff) + (sum >> 16));
}

/* Has the device do what lwIP left out: TCP's and UDP's checksums, and cutting what is longer than the MTU. The headers
 * are in the first buffer, since lwIP wrote them there. */
static void offload(struct vnet_header *h, const struct pbuf *p)
{
	const struct eth_hdr *eth = p->payload;
	unsigned l3 = SIZEOF_ETH_HDR, l4, protocol, len, header;
	bool v6 = eth->type == PP_HTONS(ETHTYPE_IPV6);
	uint8_t *at = p->payload;
	const void *addresses;
	uint16_t *sum;

	memset(h, 0, sizeof(*h));
	if (!info->csum)
		return;
	if (eth->type == PP_HTONS(ETHTYPE_IP) && p->len >= l3 + IP_HLEN) {
		const struct ip_hdr *ip = (void *) (at + l3);

		/* A fragment's checksum, if any, was made by lwIP (see udp in inet_udp.c). */
		if (IPH_OFFSET(ip) & PP_HTONS(IP_OFFMASK | IP_MF))
			return;
		protocol = IPH_PROTO(ip);
		l4 = l3 + IPH_HL_BYTES(ip);
		addresses = &ip->src;
	} else if (v6 && p->len >= l3 + IP6_HLEN) {
		const struct ip6_hdr *ip = (void *) (at + l3);

		protocol = IP6H_NEXTH(ip);
		l4 = l3 + IP6_HLEN;
		addresses = &ip->src;
	} else
		return;
	len = p->tot_len - l4;
	if (protocol == IP_PROTO_TCP && p->len >= l4 + TCP_HLEN) {
		struct tcp_hdr *tcp = (void *) (at + l4);

		header = TCPH_HDRLEN_BYTES(tcp);
		h->csum_offset = offsetof(struct tcp_hdr, chksum);
	} else if (protocol == IP_PROTO_UDP && p->len >= l4 + UDP_HLEN) {
		header = UDP_HLEN;
		h->csum_offset = offsetof(struct udp_hdr, chksum);
	} else
		return;
	sum = (uint16_t *) (at + l4 + h->csum_offset);
	*sum = pseudo_sum(addresses, v6 ? 32 : 8, (uint8_t) protocol, len);
	h->flags = VNET_NEEDS_CSUM;
	h->csum_start = (uint16_t) l4;
	if (protocol == IP_PROTO_TCP && p->tot_len > nif.mtu + SIZEOF_ETH_HDR) {
		h->gso_type = v6 ? VNET_GSO_TCPV6 : VNET_GSO_TCPV4;
		h->hdr_len = (uint16_t) (l4 + header);
		h->gso_size = (uint16_t) (nif.mtu - (l4 - SIZEOF_ETH_HDR) - header);
	}
}

/* Whether there is room for virtio's header before the payload. */
static bool has_headroom(const struct pbuf *p)
{
	return p->type_internal & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS &&
	       (uint8_t *) p->payload - (uint8_t *) p >= (long) (LWIP_MEM_ALIGN_SIZE(sizeof(*p)) + sizeof(struct vnet_header));
}

/* Gives the packet to the device, which then holds the reference. */
static int give(struct pbuf *p)
{
	static struct vnet_piece pieces[VNET_PIECES_MAX];
	struct vnet_header *h = (struct vnet_header *) p->payload - 1;
	unsigned count = 1;
	int r;

	offload(h, p);
	pieces[0] = (struct vnet_piece){ h, p->len + (uint32_t) sizeof(*h) };
	for (const struct pbuf *q = p->next; q; q = q->next)
		if (q->len)
			pieces[count++] = (struct vnet_piece){ q->payload, q->len };
	r = vnet_send(pieces, count, p);
	if (r == 0)
		unsent = true;
	else
		vnet_kick();
	return r;
}

/* A packet as the device can have it: with a reference for it, or a copy. */
static struct pbuf *fit(struct pbuf *p)
{
	bool fits = has_headroom(p);
	unsigned count = 0;

	for (const struct pbuf *q = p; q && fits; q = q->next)
		fits = (uint64_t) q->payload >= DIRECT_MAP_BASE && (uint64_t) q->payload < DIRECT_MAP_BASE << 1 &&
		       ++count < VNET_PIECES_MAX;
	if (!fits)
		return pbuf_clone(PBUF_LINK, PBUF_RAM, p);
	pbuf_ref(p);
	return p;
}

static err_t output(struct netif *netif, struct pbuf *p)
{
	int r = -ENOSPC;

	p = fit(p);
	if (!p || !has_headroom(p)) {
		vnet_stats.tx_dropped++;
		if (p)
			pbuf_free(p);
		return ERR_MEM;
	}
	if (!waiting.count)
		r = give(p);
	if (r == 0)
		return ERR_OK;
	if (r == -ENOSPC && waiting.count < WAITING_MAX) {
		waiting.packet[(waiting.first + waiting.count++) % WAITING_MAX] = p;
		return ERR_OK;
	}
	vnet_stats.tx_dropped++;
	pbuf_free(p);
	return r == -ENOSPC ? ERR_MEM : ERR_IF;
}

static void give_waiting(void)
{
	while (waiting.count) {
		struct pbuf *p = waiting.packet[waiting.first];
		int r = give(p);

		if (r == -ENOSPC)
			return;
		if (r < 0) {
			vnet_stats.tx_dropped++;
			pbuf_free(p);
		}
		waiting.first = (waiting.first + 1) % WAITING_MAX;
		waiting.count--;
	}
}

bool netif_work(void)
{
	bool more = vnet_poll(BUDGET);

	if (waiting.count)
		give_waiting();
	return more;
}

bool netif_kick(bool now)
{
	static bool told;

	if (now)
		told = false;
	if (!unsent)
		return false;
	if (told)
		return true;
	vnet_kick();
	unsent = false;
	told = !now;
	return false;
}

bool netif_sleep(void)
{
	return vnet_sleep(waiting.count > 0);
}

u16_t net_tso_mss(const struct tcp_pcb *pcb)
{
	bool v6 = IP_IS_V6_VAL(pcb->remote_ip);
	unsigned headers = v6 ? IP6_HLEN + TCP_HLEN : IP_HLEN + TCP_HLEN;

	/* The device cuts to fit the MTU, so for a peer that wants less lwIP does it. */
	if (!info || !(v6 ? info->tso6 : info->tso4) || pcb->mss + headers != nif.mtu ||
	    ip_route(&pcb->local_ip, &pcb->remote_ip) != &nif)
		return pcb->mss;
	return (u16_t) (pcb->mss * TSO_SEGMENTS);
}

int net_tso_packet(const struct pbuf *p, const struct netif *netif)
{
	const uint8_t *ip = p->payload;

	if (netif != &nif || !info)
		return 0;
	return ip[0] >> 4 == 4 ? info->tso4 && ip[9] == IP_PROTO_TCP : info->tso6 && ip[6] == IP_PROTO_TCP;
}

/* What fills only a small part of a segment waits for more room, or each acknowledgement would cost a copy of the rest;
 * but not if nothing is in flight whose acknowledgement could come. */
u16_t net_tso_split(const struct tcp_pcb *pcb, u32_t wnd)
{
	const struct tcp_seg *seg = pcb->unsent;
	u32_t flying = lwip_ntohl(seg->tcphdr->seqno) - pcb->lastack, room;

	if (seg->len <= pcb->mss || flying + seg->len <= wnd || flying > wnd || seg->p->ref != 1)
		return 0;
	room = wnd - flying;
	room -= room % pcb->mss;
	return flying == 0 || !pcb->unacked || room * 2 >= seg->len ? (u16_t) room : 0;
}

static err_t init(struct netif *netif)
{
	/* TCP's and UDP's are checked by receive(): not in what this host sends to itself, where none may have been made. */
	u16_t flags = NETIF_CHECKSUM_ENABLE_ALL & ~(NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP);

	netif->name[0] = 'e';
	netif->name[1] = 't';
	netif->output = etharp_output;
	netif->output_ip6 = ethip6_output;
	netif->linkoutput = output;
	netif->hwaddr_len = sizeof(info->mac);
	memcpy(netif->hwaddr, info->mac, sizeof(info->mac));
	netif->mtu = info->mtu;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	if (info->csum)
		flags &= (u16_t) ~(NETIF_CHECKSUM_GEN_TCP | NETIF_CHECKSUM_GEN_UDP);
	NETIF_SET_CHECKSUM_CTRL(netif, flags);
	return ERR_OK;
}

static const struct vnet_ops ops = { .receive = receive, .sent = sent, .wake = net_wake };

struct netif *netif_open(void)
{
	info = vnet_open(&ops);
	if (!info || !netif_add_noaddr(&nif, NULL, init, netif_input))
		return NULL;
	netif_set_default(&nif);
	netif_set_link_up(&nif);
	return &nif;
}
