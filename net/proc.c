/* proc.c: /proc/net, in Linux's format (proc(5)): what netstat, ifconfig and route print. */
#include "drivers/virtio_net.h"
#include "fs/proc.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"
#include "net/inet.h"
#include "net/unix_sock.h"

/* lwIP's states in order, as Linux numbers them (include/net/tcp_states.h). */
static const uint8_t tcp_states[] = {
	[CLOSED] = 7, [LISTEN] = 10, [SYN_SENT] = 2, [SYN_RCVD] = 3, [ESTABLISHED] = 1, [FIN_WAIT_1] = 4,
	[FIN_WAIT_2] = 5, [CLOSE_WAIT] = 8, [CLOSING] = 11, [LAST_ACK] = 9, [TIME_WAIT] = 6,
};
enum { UDP_STATE_CONNECTED = 1, UDP_STATE_OTHER = 7 };

struct row {
	const ip_addr_t *local, *remote;
	unsigned local_port, remote_port, state;
	uint64_t tx, rx, ino;
};

static void show_address(struct proc_text *t, const ip_addr_t *addr, unsigned port, bool v6)
{
	if (v6) {
		const u32_t *a = ip_2_ip6(addr)->addr;

		if (addr && IP_IS_V6_VAL(*addr) && !ip_addr_isany(addr))
			proc_printf(t, " %08X%08X%08X%08X:%04X", a[0], a[1], a[2], a[3], port);
		else
			proc_printf(t, " %032X:%04X", 0, port);
	} else
		proc_printf(t, " %08X:%04X", addr ? ip_2_ip4(addr)->addr : 0, port);
}

static void show_row(struct proc_text *t, unsigned number, const struct row *r, bool v6)
{
	proc_printf(t, "%4u:", number);
	show_address(t, r->local, r->local_port, v6);
	show_address(t, r->remote, r->remote_port, v6);
	proc_printf(t, " %02X %08X:%08X 00:00000000 00000000     0        0 %lu 1 0000000000000000\n", r->state,
		    (unsigned) r->tx, (unsigned) r->rx, (unsigned long) r->ino);
}

/* Sockets of both families count as IPv6's while they are bound to the unspecified address. */
static bool is_v6(const ip_addr_t *local)
{
	return !IP_IS_V4_VAL(*local);
}

static void fill_from_socket(struct row *r, const struct inet_tcp *s)
{
	const struct inet_tcp *queued;

	if (!s)
		return;
	r->ino = s->s->v.ino;
	r->rx = s->rx_bytes;
	if (s->s->state == SOCKET_LISTENING)
		list_for_each (queued, &s->accepted, accept_node)
			r->rx++;
}

static void show_tcp_pcb(struct proc_text *t, unsigned number, const struct tcp_pcb *pcb)
{
	struct row r = { .local = &pcb->local_ip, .local_port = pcb->local_port, .state = tcp_states[pcb->state] };

	/* A half-open connection still carries its listener's socket. */
	if (pcb->state != SYN_RCVD)
		fill_from_socket(&r, pcb->callback_arg);
	if (pcb->state != LISTEN) {
		r.remote = &pcb->remote_ip;
		r.remote_port = pcb->remote_port;
		r.tx = pcb->snd_lbb - pcb->lastack;
	} else
		r.remote = NULL;
	show_row(t, number, &r, is_v6(r.local));
}

/* Where the next piece of a table begins (struct proc_text): behind the object of its last row if that is still in the
 * list, so that new ones, which come first, shift nothing; else after as many objects as were passed. */
struct cursor {
	bool known;
	uint64_t skip, position;
};
enum { AT_POSITION, AT_OBJECT, AT_NUMBER };

static bool reached(struct cursor *c, const struct proc_text *t, const void *object)
{
	c->position++;
	if (!c->skip)
		return true;
	if (!c->known)
		c->skip--;
	else if ((uint64_t) object == t->at[AT_OBJECT])
		c->skip = 0;
	return false;
}

/* After a row. True: enough for this piece. */
static bool piece_full(const struct cursor *c, struct proc_text *t, const void *object)
{
	t->at[AT_POSITION] = c->position;
	t->at[AT_OBJECT] = (uint64_t) object;
	t->at[AT_NUMBER]++;
	return t->more = t->len >= PROC_PIECE;
}

enum { TCP_LISTS = 3 };

static const struct tcp_pcb *tcp_list(unsigned i)
{
	return i == 0 ? (struct tcp_pcb *) tcp_listen_pcbs.listen_pcbs : i == 1 ? tcp_active_pcbs : tcp_tw_pcbs;
}

static void show_tcp_table(struct proc_text *t, bool v6)
{
	struct cursor c = { .skip = t->at[AT_POSITION] };
	const struct tcp_pcb *pcb;

	for (unsigned i = 0; i < TCP_LISTS; i++)
		for (pcb = tcp_list(i); pcb; pcb = pcb->next)
			c.known |= (uint64_t) pcb == t->at[AT_OBJECT];
	if (!t->at[AT_NUMBER])
		proc_printf(t, v6 ? "  sl  local_address                         remote_address                        st tx_queue "
				    "rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
				  : "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
				    "inode\n");
	for (unsigned i = 0; i < TCP_LISTS; i++)
		for (pcb = tcp_list(i); pcb; pcb = pcb->next) {
			if (!reached(&c, t, pcb) || is_v6(&pcb->local_ip) != v6)
				continue;
			show_tcp_pcb(t, (unsigned) t->at[AT_NUMBER], pcb);
			if (piece_full(&c, t, pcb))
				return;
		}
}

static void show_tcp(struct proc_text *t, const struct proc_key *k)
{
	show_tcp_table(t, false);
}

static void show_tcp6(struct proc_text *t, const struct proc_key *k)
{
	show_tcp_table(t, true);
}

static void show_datagram_header(struct proc_text *t, bool v6)
{
	proc_printf(t, v6 ? "  sl  local_address                         remote_address                        st tx_queue "
			    "rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
			  : "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
			    "inode ref pointer drops\n");
}

/* There are no raw sockets. */
static void show_raw(struct proc_text *t, const struct proc_key *k)
{
	show_datagram_header(t, false);
}

static void show_raw6(struct proc_text *t, const struct proc_key *k)
{
	show_datagram_header(t, true);
}

static void show_udp_table(struct proc_text *t, bool v6)
{
	struct cursor c = { .skip = t->at[AT_POSITION] };
	const struct udp_pcb *pcb;

	for (pcb = udp_pcbs; pcb; pcb = pcb->next)
		c.known |= (uint64_t) pcb == t->at[AT_OBJECT];
	if (!t->at[AT_NUMBER])
		show_datagram_header(t, v6);
	for (pcb = udp_pcbs; pcb; pcb = pcb->next) {
		bool connected = pcb->flags & UDP_FLAGS_CONNECTED;
		struct row r = {
			.local = &pcb->local_ip,
			.local_port = pcb->local_port,
			.remote = connected ? &pcb->remote_ip : NULL,
			.remote_port = connected ? pcb->remote_port : 0,
			.state = connected ? UDP_STATE_CONNECTED : UDP_STATE_OTHER,
		};

		if (!reached(&c, t, pcb) || is_v6(&pcb->local_ip) != v6)
			continue;
		inet_udp_look(pcb, &r.rx, &r.ino);
		show_row(t, (unsigned) t->at[AT_NUMBER], &r, v6);
		if (piece_full(&c, t, pcb))
			return;
	}
}

static void show_udp(struct proc_text *t, const struct proc_key *k)
{
	show_udp_table(t, false);
}

static void show_udp6(struct proc_text *t, const struct proc_key *k)
{
	show_udp_table(t, true);
}

static void show_dev(struct proc_text *t, const struct proc_key *k)
{
	const struct vnet_stats none = { 0 };
	struct netif *nif;

	proc_printf(t, "Inter-|   Receive                                                |  Transmit\n"
		       " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
		       "colls carrier compressed\n");
	NETIF_FOREACH(nif)
	{
		const struct vnet_stats *s = nif->name[0] == 'l' ? &none : &vnet_stats;

		proc_printf(t, "%6s: %7lu %7lu %4d %4lu %4d %5d %10d %9d %8lu %7lu %4d %4lu %4d %5d %7d %10d\n",
			    net_interface_name(nif), s->rx_bytes, s->rx_packets, 0, s->rx_dropped, 0, 0, 0, 0, s->tx_bytes,
			    s->tx_packets, 0, s->tx_dropped, 0, 0, 0, 0);
	}
}

enum { RTF_UP = 1, RTF_GATEWAY = 2 }; /* include/uapi/linux/route.h */

static void show_route(struct proc_text *t, const struct proc_key *k)
{
	struct netif *nif;

	proc_printf(t, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n");
	NETIF_FOREACH(nif)
	{
		u32_t own = netif_ip4_addr(nif)->addr, mask = netif_ip4_netmask(nif)->addr;

		if (!own || nif->name[0] == 'l')
			continue;
		if (netif_ip4_gw(nif)->addr)
			proc_printf(t, "%s\t%08X\t%08X\t%04X\t0\t0\t0\t%08X\t0\t0\t0\n", net_interface_name(nif), 0,
				    netif_ip4_gw(nif)->addr, RTF_UP | RTF_GATEWAY, 0);
		proc_printf(t, "%s\t%08X\t%08X\t%04X\t0\t0\t0\t%08X\t0\t0\t0\n", net_interface_name(nif), own & mask, 0, RTF_UP,
			    mask);
	}
}

enum { SCOPE_GLOBAL = 0, SCOPE_HOST = 0x10, SCOPE_LINK = 0x20, SCOPE_SITE = 0x40, FLAG_TENTATIVE = 0x40, FLAG_PERMANENT = 0x80 };

static void show_if_inet6(struct proc_text *t, const struct proc_key *k)
{
	struct netif *nif;

	NETIF_FOREACH(nif)
	for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++) {
		const ip6_addr_t *a = netif_ip6_addr(nif, i);
		u8_t state = netif_ip6_addr_state(nif, i);
		unsigned scope = ip6_addr_isloopback(a) ? SCOPE_HOST : ip6_addr_islinklocal(a) ? SCOPE_LINK
			       : ip6_addr_issitelocal(a) ? SCOPE_SITE : SCOPE_GLOBAL;

		if (ip6_addr_isinvalid(state))
			continue;
		proc_printf(t, "%08x%08x%08x%08x %02x %02x %02x %02x %8s\n", lwip_ntohl(a->addr[0]), lwip_ntohl(a->addr[1]),
			    lwip_ntohl(a->addr[2]), lwip_ntohl(a->addr[3]), netif_get_index(nif), scope == SCOPE_HOST ? 128 : 64,
			    scope, ip6_addr_istentative(state) ? FLAG_TENTATIVE : FLAG_PERMANENT, net_interface_name(nif));
	}
}

unsigned socket_connections(void)
{
	unsigned count = 0;

	for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		count += pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT;
	return count;
}

static const struct proc_entry files[] = {
	{ .name = "dev", .mode = PROC_FILE, .show = show_dev },
	{ .name = "if_inet6", .mode = PROC_FILE, .show = show_if_inet6 },
	{ .name = "raw", .mode = PROC_FILE, .show = show_raw },
	{ .name = "raw6", .mode = PROC_FILE, .show = show_raw6 },
	{ .name = "route", .mode = PROC_FILE, .show = show_route },
	{ .name = "tcp", .mode = PROC_FILE, .show = show_tcp },
	{ .name = "tcp6", .mode = PROC_FILE, .show = show_tcp6 },
	{ .name = "udp", .mode = PROC_FILE, .show = show_udp },
	{ .name = "udp6", .mode = PROC_FILE, .show = show_udp6 },
	{ .name = "unix", .mode = PROC_FILE, .show = unix_show_proc },
	{ NULL },
};
static const struct proc_entry directory[] = { { .name = "net", .mode = PROC_DIR, .children = files }, { NULL } };

void net_proc(void)
{
	proc_network = directory;
}
