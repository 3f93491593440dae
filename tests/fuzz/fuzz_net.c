/*
 * fuzz_net.c: packets from the network, and an application that uses its sockets between them, over all of net/ and lwIP.
 * The input is a list of steps: raw frames, TCP segments and other packets whose addresses and (mostly) numbers fit a
 * connection, calls of socket operations with the application's memory, some of which is not there, time that passes, memory
 * that is short or not to be had. When all sockets are closed and time has passed no frame of memory may be held any more, nor
 * more heap than a few entries of neighbours' tables.
 */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "linux/socket.h"
#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "net/inet.h"
#include "net/net.h"
#include "tests/fuzz/net_host.h"

_Noreturn void abort(void);
int printf(const char *format, ...);

#define SOCKETS 8
#define FRAME_MAX 9000
#define KEPT_MAX 64	/* objects of tables and caches */

struct input {
	const uint8_t *at;
	size_t left;
};

static struct socket *sockets[SOCKETS];
static uint8_t frame[FRAME_MAX];
static uint32_t last_seq, last_ack;	/* of the guest's last TCP segment */
static uint16_t last_port;
static uint8_t last_packet[68];		/* what begins the guest's last packet, from the network's header on */
static unsigned last_length;

static uint32_t take(struct input *in, unsigned bytes)
{
	uint32_t v = 0;

	while (bytes-- && in->left) {
		v = v << 8 | *in->at++;
		in->left--;
	}
	return v;
}

static unsigned take_bytes(struct input *in, uint8_t *to, size_t max)
{
	size_t n = take(in, 2) % FRAME_MAX;

	n = MIN(MIN(n, max), in->left);
	memcpy(to, in->at, n);
	in->at += n;
	in->left -= n;
	return (unsigned) n;
}

/* What the guest says tells the fuzzer the numbers that a good answer has. */
void host_sent(const struct vnet_piece *pieces, unsigned count)
{
	const uint8_t *p = (const uint8_t *) pieces[0].at + sizeof(struct vnet_header);
	unsigned len = pieces[0].len - (unsigned) sizeof(struct vnet_header), l4;

	if (len < 54)
		return;
	last_length = MIN(len - 14, sizeof(last_packet));
	memcpy(last_packet, p + 14, last_length);
	l4 = p[12] == 8 && p[13] == 0 ? 14 + (p[14] & 15) * 4u : 54;
	if ((l4 == 54 ? p[20] : p[23]) != 6 || len < l4 + 20)
		return;
	last_port = (uint16_t) (p[l4] << 8 | p[l4 + 1]);
	last_seq = (uint32_t) p[l4 + 4] << 24 | (uint32_t) p[l4 + 5] << 16 | (uint32_t) p[l4 + 6] << 8 | p[l4 + 7];
	last_ack = (uint32_t) p[l4 + 8] << 24 | (uint32_t) p[l4 + 9] << 16 | (uint32_t) p[l4 + 10] << 8 | p[l4 + 11];
	for (unsigned i = 0; i < count; i++)
		last_seq += pieces[i].len;
	last_seq -= l4 + (p[l4 + 12] >> 4) * 4u - l4 + l4 + (unsigned) sizeof(struct vnet_header);
	last_seq += (p[l4 + 13] & 3) != 0; /* FIN, SYN */
}

/* In frames of up to 4,096 bytes, the first smaller if the input says so. */
static void receive(const uint8_t *data, unsigned len, uint8_t flags, unsigned first)
{
	struct vnet_header h = { .flags = flags };
	struct vnet_frame frames[VNET_FRAMES_MAX];
	unsigned count = 0, at = 0;

	if (!len)
		return;
	while (at < len) {
		unsigned n = MIN(len - at, count ? 4096 : 1 + first % 4084);

		page_alloc(&frames[count].page);
		frames[count].offset = count ? 0 : 12;
		frames[count].len = (uint16_t) n;
		memcpy((uint8_t *) phys_to_virt(frames[count].page) + frames[count].offset, data + at, n);
		at += n;
		count++;
	}
	h.num_buffers = (uint16_t) count;
	if (!host_ops->receive(&h, frames, count, len))
		for (unsigned i = 0; i < count; i++)
			page_put(frames[i].page);
	net_poll();
}

static void fix_ip_checksum(unsigned len)
{
	unsigned header = (frame[14] & 15) * 4u;
	uint16_t sum;

	if (len < 34 || frame[12] != 8 || frame[13] != 0 || header < 20 || len < 14 + header)
		return;
	frame[24] = frame[25] = 0;
	sum = (uint16_t) ~net_checksum(frame + 14, (int) header);
	memcpy(frame + 24, &sum, 2);
}

static void be16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t) (v >> 8);
	at[1] = (uint8_t) v;
}

static void be32(uint8_t *at, uint32_t v)
{
	be16(at, v >> 16);
	be16(at + 2, v & 0xffff);
}

/* Ethernet and IPv4 from 10.0.0.2 to us, or IPv6 from fd09::2: returns where the payload begins. */
static unsigned headers(bool v6, unsigned protocol, unsigned len)
{
	static const uint8_t eth[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	memcpy(frame, eth, sizeof(eth));
	if (v6) {
		memset(frame + 12, 0, 42);
		be16(frame + 12, 0x86dd);
		frame[14] = 0x60;
		be16(frame + 18, len);
		frame[20] = (uint8_t) protocol;
		frame[21] = 255;
		be16(frame + 22, 0xfd09);
		frame[37] = 2;
		be16(frame + 38, 0xfd09);
		frame[53] = 1;
		return 54;
	}
	memset(frame + 12, 0, 22);
	be16(frame + 12, 0x800);
	frame[14] = 0x45;
	be16(frame + 16, len + 20);
	frame[22] = 64;
	frame[23] = (uint8_t) protocol;
	be32(frame + 26, 0x0a000002);
	be32(frame + 30, 0x0a000001);
	return 34;
}

static void tcp_segment(struct input *in)
{
	unsigned how = take(in, 1), l4 = how & 1 ? 54 : 34, options = (how >> 1 & 3) * 4, len;
	uint16_t from = (uint16_t) (5000 + (how >> 3 & 3));

	len = take_bytes(in, frame + l4 + 20, 4000);
	len = MAX(len, options);
	headers(how & 1, 6, 20 + len);
	be16(frame + l4, from);
	be16(frame + l4 + 2, how & 0x20 && last_port ? last_port : 80);
	be32(frame + l4 + 4, last_ack + (how & 0x40 ? (uint32_t) (int8_t) take(in, 1) * 100 : 0));
	be32(frame + l4 + 8, last_seq + (how & 0x80 ? (uint32_t) (int8_t) take(in, 1) * 100 : 0));
	frame[l4 + 12] = (uint8_t) ((5 + options / 4) << 4);
	frame[l4 + 13] = (uint8_t) take(in, 1);
	be16(frame + l4 + 14, take(in, 2));
	be16(frame + l4 + 18, 0);
	fix_ip_checksum(l4 + 20 + len);
	receive(frame, l4 + 20 + len, VNET_DATA_VALID, 4083);
}

/* Of any protocol: UDP, ICMP, fragments, extension headers. */
static void ip_packet(struct input *in)
{
	unsigned how = take(in, 1), protocol = take(in, 1), l4 = how & 1 ? 54 : 34, fragment = take(in, 2), len;
	uint16_t sum;

	len = take_bytes(in, frame + l4, 4000);
	if (how & 8) { /* "destination unreachable" (RFC 792, RFC 4443 3.1), about the last packet */
		protocol = how & 1 ? 58 : 1;
		memset(frame + l4, 0, 8);
		frame[l4] = how & 1 ? 1 : 3;
		frame[l4 + 1] = (uint8_t) fragment & 15;
		memcpy(frame + l4 + 8, last_packet, last_length);
		len = 8 + last_length;
	}
	headers(how & 1, protocol, len);
	if (how & 2 && !(how & 1))
		be16(frame + 20, fragment);
	if (how & 4 && l4 == 34)
		be32(frame + 30, 0xffffffff);
	if (protocol == 1 && len >= 8) {
		be16(frame + l4 + 2, 0);
		sum = (uint16_t) ~net_checksum(frame + l4, (int) len);
		memcpy(frame + l4 + 2, &sum, 2);
	}
	if (protocol == 58 && len >= 8) {
		uint8_t pseudo[8] = { 0, 0, (uint8_t) (len >> 8), (uint8_t) len, 0, 0, 0, 58 };
		uint32_t s;

		be16(frame + l4 + 2, 0);
		s = (uint32_t) net_checksum(frame + l4, (int) len) + net_checksum(pseudo, 8) + net_checksum(frame + 22, 32);
		s = (s & 0xffff) + (s >> 16);
		s = (s & 0xffff) + (s >> 16);
		sum = (uint16_t) ~s;
		memcpy(frame + l4 + 2, &sum, 2);
	}
	fix_ip_checksum(l4 + len);
	receive(frame, l4 + len, VNET_DATA_VALID, 4083);
}

static void raw_frame(struct input *in)
{
	unsigned flags = take(in, 1), first = take(in, 2), len = take_bytes(in, frame, sizeof(frame));

	if (flags & 1)
		fix_ip_checksum(len);
	receive(frame, len, flags & 2 ? VNET_DATA_VALID : 0, first);
}

static struct socket *create(bool v6, bool stream)
{
	struct socket *s = socket_alloc(v6 ? AF_INET6 : AF_INET, stream ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (s && net_inet_root.create(s) < 0) {
		socket_put(s);
		return NULL;
	}
	return s;
}

static void address(struct sockaddr_any *a, bool v6, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->family = v6 ? AF_INET6 : AF_INET;
	be16(a->bytes + 2, port);
}

/* The application's memory: in two pieces with an empty one between them, the second page of which may not be there. */
static void user_memory(struct iter *it, uint8_t *data, size_t n, bool hole)
{
	static struct iovec64 pieces[3];

	pieces[0] = (struct iovec64){ (uint64_t) data, n / 2 };
	pieces[1] = (struct iovec64){ (uint64_t) data, 0 };
	pieces[2] = (struct iovec64){ (uint64_t) data + n / 2, n - n / 2 };
	iter_init_iov(it, pieces, 3);
	host_hole = hole ? (uint64_t) data + PAGE_SIZE : 0;
}

static void call(struct input *in)
{
	static uint8_t data[20000] __attribute__((aligned(PAGE_SIZE)));
	unsigned op = take(in, 1), which = take(in, 1) % SOCKETS, arg = take(in, 2);
	struct socket **at = &sockets[which], *s = *at, *new;
	struct sockaddr_any a;
	struct socket_msg m = { .addr = &a };
	struct iter it;
	int value[2] = { (int) arg, (int) arg >> 8 };
	bool v6;

	if (!s) {
		s = *at = create(arg & 1, !(arg & 2));
		if (!s || (arg & 0x18) == 0x18)
			return;
		address(&a, arg & 1, arg & 4 ? 80 : (uint16_t) arg);
		s->ops->bind(s, &a, sizeof(a));
		if (!(arg & 8) && s->ops->listen)
			s->ops->listen(s, (int) arg >> 8);
		return;
	}
	v6 = s->family == AF_INET6;
	switch (op % 10) {
	case 0:
		if (s->ops->accept && s->state == SOCKET_LISTENING && s->ops->accept(s, &new) == 0) {
			unsigned to = arg % SOCKETS;

			if (sockets[to])
				socket_put(new);
			else
				sockets[to] = new;
		}
		break;
	case 1:
	case 2:
		iter_init_kernel(&it, data, 1 + arg % sizeof(data));
		if (op & 0x20)
			user_memory(&it, data, 1 + arg % sizeof(data), op & 0x10);
		m.it = &it;
		m.flags = op & 0x80 ? MSG_PEEK : op & 0x40 ? MSG_TRUNC : 0;
		s->ops->recv(s, &m);
		break;
	case 3:
	case 4:
		iter_init_kernel(&it, data, 1 + arg % sizeof(data));
		if (op & 0x20)
			user_memory(&it, data, 1 + arg % sizeof(data), op & 0x10);
		m.it = &it;
		m.flags = op & 0x80 ? MSG_MORE : 0;
		if (s->type == SOCK_DGRAM && op & 0x40) {
			address(&a, v6, (uint16_t) arg);
			m.addr_len = sizeof(a);
		}
		s->ops->send(s, &m);
		break;
	case 5:
		if (s->state == SOCKET_CONNECTED) {
			s->ops->shutdown(s, arg & 1 ? SHUT_WR : SHUT_RD);
			*(arg & 1 ? &s->shut_wr : &s->shut_rd) = true;
		}
		break;
	case 6:
		address(&a, v6, arg & 1 ? (uint16_t) arg : 5000);
		if (v6)
			be16(a.bytes + 8, 0xfd09), a.bytes[23] = 2;
		else
			be32(a.bytes + 4, arg & 2 ? 0x0a000002 : 0x7f000001);
		s->ops->connect(s, &a, sizeof(a), true);
		break;
	case 7:
		s->rcvbuf = s->sndbuf = 2304 + arg;
		s->ops->setopt(s, op & 0x80 ? 6 : op & 0x40 ? 0 : SOL_SOCKET, op & 0xc0 ? (int) arg & 31 : SO_RCVBUF, value, sizeof(value));
		s->ops->poll(s);
		break;
	case 8:
		s->linger = op & 0x40;
		s->linger_s = op & 0x80 ? 1 : 0;
		/* fall through */
	default:
		socket_put(s);
		*at = NULL;
	}
	host_hole = 0;
	net_leave();
	net_poll();
}

/* One of the addresses of each sort, in the socket's family or (0xff) in none. */
static void any_address(struct sockaddr_any *a, bool v6, unsigned which, uint16_t port)
{
	static const uint32_t v4[] = { 0, 0x0a000001, 0x0a000002, 0x7f000001, 0xffffffff, 0x0a0000ff, 0xe0000001, 0xc0000201 };
	static const uint32_t six[][4] = {
		{ 0 }, { 0xfd090000, 0, 0, 1 }, { 0xfd090000, 0, 0, 2 }, { 0, 0, 0, 1 }, { 0xfe800000, 0, 0, 2 },
		{ 0xff020000, 0, 0, 1 }, { 0, 0, 0xffff, 0x0a000002 }, { 0x20010db8, 0, 0, 1 }
	};

	address(a, v6, port);
	if (which == 0xff)
		a->family = 0;
	if (!v6)
		be32(a->bytes + 4, v4[which % 8]);
	for (unsigned i = 0; v6 && i < 4; i++)
		be32(a->bytes + 8 + 4 * i, six[which % 8][i]);
	if (v6 && which & 8)
		a->bytes[24] = 1; /* scope */
}

/* The rest of what a program can ask of a socket. */
static void call_more(struct input *in)
{
	static const char interfaces[][5] = { "eth0", "lo", "none" };
	static const int levels[] = { 0, 6, 41, SOL_SOCKET };
	static uint8_t data[3000];
	unsigned op = take(in, 1), which = take(in, 1) % SOCKETS, arg = take(in, 1), more = take(in, 1);
	struct socket *s = sockets[which];
	struct sockaddr_any a;
	struct socket_msg m = { .addr = &a, .addr_len = sizeof(a) };
	uint8_t value[SOCKET_OPT_MAX];
	struct iter it;
	int number = (int8_t) take(in, 1);

	if (!s)
		return;
	any_address(&a, s->family == AF_INET6, arg, more & 1 ? 5000 : more & 2 ? 80 : 0);
	switch (op % 10) {
	case 0:
		s->ops->getopt(s, levels[more & 3], (int) arg & 127, value);
		break;
	case 1:
		s->ops->setopt(s, levels[more & 3], (int) arg & 127, &number, more & 4 ? 0 : sizeof(number));
		break;
	case 2:
		s->ops->getname(s, arg & 1, &a);
		break;
	case 3:
		s->ops->poll(s);
		if (s->ops->readable)
			s->ops->readable(s);
		if (more & 0x80)
			s->ops->shutdown(s, arg % 3);
		break;
	case 4:
		memset(data, 0, 40);
		memcpy(data, interfaces[arg % 3], 5);
		/* Not SIOCGIFCONF, which has an address within. */
		if (more != 0x12)
			s->ops->ioctl(s, 0x8900 + more, (uint64_t) data);
		break;
	case 5:
		s->ops->bind(s, &a, more & 4 ? more >> 3 : sizeof(a));
		break;
	case 6:
		s->ops->connect(s, &a, more & 4 ? more >> 3 : sizeof(a), true);
		break;
	case 7:
		iter_init_kernel(&it, data, more & 8 ? sizeof(data) : more);
		m.it = &it;
		m.flags = more & 16 ? MSG_MORE : 0;
		s->ops->send(s, &m);
		break;
	case 8:
		if (s->ops->listen)
			s->ops->listen(s, number);
		break;
	default:
		host_device_error = arg & 1 ? -ENOSPC : arg & 2 ? -EIO : 0;
	}
	net_leave();
	net_poll();
}

/* What /proc/net shows of sockets. */
static void look(void)
{
	for (struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next) {
		uint64_t rx = 0, ino = 0;

		inet_udp_look(pcb, &rx, &ino);
	}
}

static void time_passes(uint64_t ms)
{
	host_now_ns += ms * NSEC_PER_MSEC;
	sys_check_timeouts();
	net_poll();
}

static void end_all(void)
{
	host_memory_short = false;
	host_fail_at = 0;
	host_device_error = 0;
	for (unsigned i = 0; i < SOCKETS; i++)
		if (sockets[i]) {
			socket_put(sockets[i]);
			sockets[i] = NULL;
		}
	while (tcp_active_pcbs)
		tcp_abort(tcp_active_pcbs);
	while (tcp_tw_pcbs)
		tcp_abort(tcp_tw_pcbs);
	for (int i = 0; i < 400; i++)
		time_passes(250);
	last_port = 0;
	/* No input depends on those before it. */
	etharp_cleanup_netif(netif_default);
}

/* 10.0.0.2 asks for us, so that answers to it need not wait for its address. */
static void neighbour(void)
{
	static const uint8_t request[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
		2, 0, 0, 0, 0, 2, 10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1
	};

	receive(request, sizeof(request), 0, 4083);
}

/* lwIP's own DHCP client has a control block without a socket; the address is fixed here, so this stands for it. */
static bool like_dhcp(void)
{
	struct udp_pcb *pcb = udp_new();

	return pcb && udp_bind(pcb, IP4_ADDR_ANY, 68) == ERR_OK && udp_connect(pcb, IP4_ADDR_ANY, 67) == ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (!host_ops && (net_start() < 0 || !like_dhcp()))
		abort();
	neighbour();
	while (in.left) {
		unsigned step = take(&in, 1), how;

		switch (step % 8) {
		case 0:
		case 1:
		case 2:
			tcp_segment(&in);
			break;
		case 3:
			ip_packet(&in);
			break;
		case 4:
			raw_frame(&in);
			break;
		case 5:
		case 6:
			(step & 0x80 ? call_more : call)(&in);
			break;
		default:
			how = take(&in, 1);
			host_memory_short = how & 1;
			if (how & 2)
				host_fail_at = host_allocations + 1 + (how >> 2);
			look();
			for (unsigned n = step & 0x80 ? 1 + take(&in, 1) : 0; n; n--)
				time_passes(250);
			time_passes(take(&in, 1) * 10);
		}
	}
	end_all();
	if (host_frames || host_objects > KEPT_MAX) {
		printf("%lu frames and %lu objects are left\n", host_frames, host_objects);
		abort();
	}
	return 0;
}
