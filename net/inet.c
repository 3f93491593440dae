/* inet.c: the families AF_INET and AF_INET6: their sockets' making, addresses and errors. Linked when an application makes
 * sockets; with it come lwIP and the network device's driver. */
#include "net/inet.h"

#include "lwip/err.h"
#include "lwip/netif.h"

struct sockaddr_in {
	uint16_t family, port;	/* port: network order */
	uint32_t addr;
	uint8_t zero[8];
};
struct sockaddr_in6 {
	uint16_t family, port;
	uint32_t flowinfo;
	uint32_t addr[4];
	uint32_t scope;
};
_Static_assert(sizeof(struct sockaddr_in) == 16 && sizeof(struct sockaddr_in6) == 28, "ip(7), ipv6(7)");
#define IN6_MIN 24 /* RFC 2133's structure, without the scope */

#define MAPPED_WORD PP_HTONL(0xffffU) /* ::ffff:a.b.c.d, RFC 4291, 2.5.5.2 */

static int from_in6(const struct socket *s, const struct sockaddr_in6 *in6, unsigned len, struct endpoint *ret)
{
	const uint32_t *a = in6->addr;

	if (a[0] == 0 && a[1] == 0 && a[2] == MAPPED_WORD) {
		if (((struct inet *) s->data)->v6only)
			return -ENETUNREACH;
		ip_addr_set_ip4_u32_val(ret->addr, a[3]);
		return 0;
	}
	IP_ADDR6(&ret->addr, a[0], a[1], a[2], a[3]);
	if (ip6_addr_has_scope(ip_2_ip6(&ret->addr), IP6_UNICAST)) {
		if (len >= sizeof(*in6) && in6->scope)
			ip6_addr_set_zone(ip_2_ip6(&ret->addr), (u8_t) in6->scope);
		else if (netif_default)
			ip6_addr_assign_zone(ip_2_ip6(&ret->addr), IP6_UNICAST, netif_default);
	}
	return 0;
}

int inet_from_sockaddr(const struct socket *s, const struct sockaddr_any *addr, unsigned len, struct endpoint *ret)
{
	const struct sockaddr_in *in = (const void *) addr;
	const struct sockaddr_in6 *in6 = (const void *) addr;
	struct endpoint e;
	int r;

	memset(&e, 0, sizeof(e));
	if (len < sizeof(addr->family))
		return -EINVAL;
	if (addr->family != s->family)
		return -EAFNOSUPPORT;
	e.port = lwip_ntohs(in->port); /* at the same place in both */
	if (s->family == AF_INET) {
		if (len < sizeof(*in))
			return -EINVAL;
		ip_addr_set_ip4_u32_val(e.addr, in->addr);
	} else {
		if (len < IN6_MIN)
			return -EINVAL;
		r = from_in6(s, in6, len, &e);
		if (r < 0)
			return r;
	}
	*ret = e;
	return 0;
}

unsigned inet_to_sockaddr(const struct socket *s, const struct endpoint *from, struct sockaddr_any *ret)
{
	struct sockaddr_in *in = (void *) ret;
	struct sockaddr_in6 *in6 = (void *) ret;

	memset(ret, 0, sizeof(*ret));
	in->family = s->family;
	in->port = lwip_htons(from->port);
	if (s->family == AF_INET) {
		if (IP_IS_V4(&from->addr))
			in->addr = ip_2_ip4(&from->addr)->addr;
		return sizeof(*in);
	}
	if (IP_IS_V6_VAL(from->addr)) {
		memcpy(in6->addr, ip_2_ip6(&from->addr)->addr, sizeof(in6->addr));
		in6->scope = ip6_addr_zone(ip_2_ip6(&from->addr));
	} else if (!ip_addr_isany(&from->addr)) {
		in6->addr[2] = MAPPED_WORD;
		in6->addr[3] = ip_2_ip4(&from->addr)->addr;
	}
	return sizeof(*in6);
}

int inet_error(int err)
{
	static const uint8_t errors[] = {
		[-ERR_MEM] = ENOBUFS,	  [-ERR_BUF] = EADDRNOTAVAIL, [-ERR_TIMEOUT] = ETIMEDOUT, [-ERR_RTE] = ENETUNREACH,
		[-ERR_INPROGRESS] = EINPROGRESS, [-ERR_VAL] = EINVAL, [-ERR_WOULDBLOCK] = EAGAIN,	[-ERR_USE] = EADDRINUSE,
		[-ERR_ALREADY] = EALREADY, [-ERR_ISCONN] = EISCONN,   [-ERR_CONN] = ENOTCONN,	  [-ERR_IF] = ENETDOWN,
		[-ERR_ABRT] = ETIMEDOUT, [-ERR_RST] = ECONNRESET,     [-ERR_CLSD] = ENOTCONN,	  [-ERR_ARG] = EINVAL,
	};

	if (err == ERR_OK)
		return 0;
	return err < 0 && (unsigned) -err < sizeof(errors) && errors[-err] ? -errors[-err] : -EIO;
}

const ip_addr_t *inet_any(const struct socket *s)
{
	if (s->family == AF_INET)
		return IP4_ADDR_ANY;
	return ((struct inet *) s->data)->v6only ? IP6_ADDR_ANY : IP_ANY_TYPE;
}

bool inet_is_local(const ip_addr_t *addr)
{
	struct netif *nif;

	if (ip_addr_isany(addr) || ip_addr_isloopback(addr) || ip_addr_ismulticast(addr))
		return true;
	NETIF_FOREACH(nif)
	{
		if (IP_IS_V4(addr) ? ip4_addr_cmp(ip_2_ip4(addr), netif_ip4_addr(nif))
				   : netif_get_ip6_addr_match(nif, ip_2_ip6(addr)) >= 0)
			return true;
	}
	return false;
}

int inet_getname(struct socket *s, bool peer, struct sockaddr_any *addr)
{
	struct inet *i = s->data;

	if (peer && (!i->remote.port || s->state == SOCKET_CONNECTING))
		return -ENOTCONN;
	return (int) inet_to_sockaddr(s, peer ? &i->remote : &i->local, addr);
}

long inet_ioctl(struct socket *s, unsigned cmd, uint64_t arg)
{
	return net_ioctl(cmd, arg);
}

static int create(struct socket *s)
{
	int r;

	if (s->type != SOCK_STREAM && s->type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (s->protocol && s->protocol != (s->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP))
		return -EPROTONOSUPPORT;
	r = net_start();
	if (r < 0)
		return r;
	socket_ioctl_interfaces = net_ioctl;
	s->protocol = s->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	return s->type == SOCK_STREAM ? inet_tcp_create(s) : inet_udp_create(s);
}

const struct socket_family net_inet_root = { .create = create };
