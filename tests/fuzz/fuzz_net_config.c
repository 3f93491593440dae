/*
 * fuzz_net_config.c: how an interface gets its addresses: from boot options of any text, and from whoever on the network says
 * that he is a DHCP server or a router. When it is over no memory may be held but a few entries of lwIP's tables.
 *
 * An input: both options, each with its length before it (255: not given), then packets: DHCP's, which answer the guest's last
 * question, with options of any content, and routers' advertisements, likewise; and time that passes.
 */
#include "kernel/page.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "net/lwip_hooks.h"
#include "net/net.h"
#include "tests/fuzz/net_host.h"

_Noreturn void abort(void);
int printf(const char *format, ...);

#define FRAME_MAX 1514
#define KEPT_MAX  64 /* objects of tables and caches */
#define DHCP_MIN  240 /* bytes before DHCP's options (RFC 2131) */

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t frame[FRAME_MAX], xid[4];
static const uint8_t us[] = { 2, 0, 0, 0, 0, 1 }, them[] = { 2, 0, 0, 0, 0, 2 };

static uint32_t take(struct input *in, unsigned bytes)
{
	uint32_t v = 0;

	while (bytes-- && in->left) {
		v = v << 8 | *in->at++;
		in->left--;
	}
	return v;
}

static void be16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t) (v >> 8);
	at[1] = (uint8_t) v;
}

/* DHCP's questions have a number that answers repeat. */
void host_sent(const struct vnet_piece *pieces, unsigned count)
{
	const uint8_t *p = (const uint8_t *) pieces[0].at + sizeof(struct vnet_header);
	unsigned len = pieces[0].len - (unsigned) sizeof(struct vnet_header);

	if (len >= 14 + 20 + 8 + 8 && p[12] == 8 && p[23] == 17 && p[37] == 67)
		memcpy(xid, p + 46, 4);
}

static void receive(unsigned len)
{
	struct vnet_header h = { .flags = VNET_DATA_VALID, .num_buffers = 1 };
	struct vnet_frame f = { .offset = 12, .len = (uint16_t) len };

	page_alloc(&f.page);
	memcpy((uint8_t *) phys_to_virt(f.page) + 12, frame, len);
	if (!host_ops->receive(&h, &f, 1, len))
		page_put(f.page);
	net_poll();
}

static unsigned rest(struct input *in, unsigned at, unsigned n)
{
	while (n-- && in->left && at < FRAME_MAX)
		frame[at++] = (uint8_t) take(in, 1);
	return at;
}

/* RFC 2131: an offer, an acknowledgement, a refusal. */
static void dhcp(struct input *in)
{
	static const uint8_t cookie[] = { 99, 130, 83, 99 };
	unsigned how = take(in, 1), type = take(in, 1), len;
	uint8_t *m = frame + 42;
	uint16_t sum;

	memset(frame, 0, sizeof(frame));
	memcpy(frame, us, 6);
	memcpy(frame + 6, them, 6);
	be16(frame + 12, 0x800);
	frame[14] = 0x45;
	frame[22] = 64;
	frame[23] = 17;
	memcpy(frame + 26, (uint8_t[]){ 10, 0, 0, 2, 255, 255, 255, 255 }, 8);
	be16(frame + 34, 67);
	be16(frame + 36, 68);
	m[0] = how & 1 ? 1 : 2;
	m[1] = 1;
	m[2] = 6;
	memcpy(m + 4, xid, 4);
	memcpy(m + 16, (uint8_t[]){ 10, 0, 0, 9, 10, 0, 0, 2 }, 8);
	memcpy(m + 28, us, 6);
	memcpy(m + 236, cookie, 4);
	if (how & 2) /* any name of the server or of a file, which may have options, too */
		for (unsigned i = 44; i < 236; i++)
			m[i] = (uint8_t) take(in, 1);
	m[240] = 53;
	m[241] = 1;
	m[242] = (uint8_t) type;
	m[243] = 54; /* server */
	m[244] = 4;
	memcpy(m + 245, (uint8_t[]){ 10, 0, 0, 2 }, 4);
	len = rest(in, 42 + DHCP_MIN + 9, take(in, 1));
	if (len < FRAME_MAX)
		frame[len++] = 255;
	if (how & 4)
		len = MAX(42u, len - MIN(len, (unsigned) (how >> 3) * 9));
	be16(frame + 38, len - 34);
	be16(frame + 16, len - 14);
	sum = (uint16_t) ~net_checksum(frame + 14, 20);
	memcpy(frame + 24, &sum, 2);
	receive(len);
}

/* RFC 4861, 4.2. */
static void advertisement(struct input *in)
{
	unsigned flags = take(in, 1), lifetime = take(in, 2), len;
	uint8_t pseudo[4] = { 0 };
	uint32_t s;
	uint16_t sum;

	memset(frame, 0, sizeof(frame));
	memcpy(frame, (uint8_t[]){ 0x33, 0x33, 0, 0, 0, 1 }, 6);
	memcpy(frame + 6, them, 6);
	be16(frame + 12, 0x86dd);
	frame[14] = 0x60;
	frame[20] = 58;
	frame[21] = 255;
	be16(frame + 22, 0xfe80);
	frame[37] = 2;
	be16(frame + 38, 0xff02);
	frame[53] = 1;
	frame[54] = 134;
	frame[58] = 64;
	frame[59] = (uint8_t) flags;
	be16(frame + 60, lifetime);
	len = rest(in, 70, take(in, 1));
	be16(frame + 18, len - 54);
	be16(pseudo, len - 54);
	be16(pseudo + 2, 58);
	s = (uint32_t) net_checksum(frame + 54, (int) (len - 54)) + net_checksum(pseudo, 4) + net_checksum(frame + 22, 32);
	s = (s & 0xffff) + (s >> 16);
	sum = (uint16_t) ~((s & 0xffff) + (s >> 16));
	memcpy(frame + 56, &sum, 2);
	receive(len);
}

static void time_passes(uint64_t ms)
{
	host_now_ns += ms * NSEC_PER_MSEC;
	sys_check_timeouts();
	net_poll();
}

static const char *option(struct input *in, char *text, unsigned size)
{
	unsigned n = take(in, 1), i = 0;

	if (n == 255)
		return NULL;
	while (n-- && in->left && i < size - 1)
		text[i++] = (char) take(in, 1);
	text[i] = '\0';
	return text;
}

/* As before: no address, no lease, no server of names. */
static void forget(struct netif *nif)
{
	if (netif_dhcp_data(nif)) {
		dhcp_release_and_stop(nif);
		dhcp_cleanup(nif);
	}
	netif_set_addr(nif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
	netif_set_ip6_autoconfig_enabled(nif, 0);
	for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		netif_ip6_addr_set_state(nif, (s8_t) i, IP6_ADDR_INVALID);
	for (u8_t i = 0; i < DNS_MAX_SERVERS; i++)
		dns_setserver(i, IP_ADDR_ANY);
	nd6_cleanup_netif(nif);
	etharp_cleanup_netif(nif);
	netif_set_down(nif);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char ip[256], ip6[256];
	struct input in = { data, size };
	struct netif *nif;

	host_ip = host_ip6 = "none";
	if (!host_ops && net_start() < 0)
		abort();
	nif = netif_default;
	forget(nif);
	host_ip = option(&in, ip, sizeof(ip));
	host_ip6 = option(&in, ip6, sizeof(ip6));
	net_configure(nif);
	while (in.left)
		switch (take(&in, 1) % 4) {
		case 0:
		case 1:
			dhcp(&in);
			break;
		case 2:
			advertisement(&in);
			break;
		default:
			for (unsigned n = take(&in, 1); n; n--)
				time_passes(500);
			net_gateway6(nif);
		}
	net_wait_configured();
	forget(nif);
	for (int i = 0; i < 40; i++)
		time_passes(1000);
	if (host_frames || host_objects > KEPT_MAX) {
		printf("%lu frames and %lu objects are left\n", host_frames, host_objects);
		abort();
	}
	return 0;
}
