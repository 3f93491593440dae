/* ifioctl.c: the SIOCGIF* requests (netdevice(7)), which any socket answers. Nothing can be set. */
#include "fs/abi.h"
#include "kernel/usercopy.h"
#include "lwip/netif.h"
#include "net/net.h"

/* include/uapi/linux/{sockios,if,if_arp,socket}.h */
enum {
	SIOCGIFNAME = 0x8910, SIOCGIFCONF = 0x8912, SIOCGIFFLAGS = 0x8913, SIOCGIFADDR = 0x8915, SIOCGIFDSTADDR = 0x8917,
	SIOCGIFBRDADDR = 0x8919, SIOCGIFNETMASK = 0x891b, SIOCGIFMETRIC = 0x891d, SIOCGIFMTU = 0x8921,
	SIOCGIFHWADDR = 0x8927, SIOCGIFINDEX = 0x8933, SIOCGIFTXQLEN = 0x8942,
};
enum { IFF_UP = 1, IFF_BROADCAST = 2, IFF_LOOPBACK = 8, IFF_RUNNING = 0x40 };
enum { ARPHRD_ETHER = 1, ARPHRD_LOOPBACK = 772, AF_INET_ = 2 };
#define TX_QUEUE 1000

struct ifreq {
	char name[16];
	union {
		struct {
			uint16_t family, port;
			uint32_t addr;
		} in;
		struct {
			uint16_t type;
			uint8_t address[14];
		} hw;
		int32_t number;
		int16_t flags;
		uint8_t size[24];
	};
};
struct ifconf {
	int32_t len, pad;
	uint64_t requests;
};
_Static_assert(sizeof(struct ifreq) == 40 && sizeof(struct ifconf) == 16, "netdevice(7)");

static bool is_loopback(const struct netif *nif)
{
	return nif->name[0] == 'l';
}

const char *net_interface_name(const struct netif *nif)
{
	return is_loopback(nif) ? "lo" : "eth0";
}

static struct netif *find(const struct ifreq *r, unsigned cmd)
{
	struct netif *nif;

	NETIF_FOREACH(nif)
	{
		if (cmd == SIOCGIFNAME ? netif_get_index(nif) == r->number
				       : strncmp(net_interface_name(nif), r->name, sizeof(r->name)) == 0)
			break;
	}
	return nif;
}

static void put_address(struct ifreq *r, uint32_t addr)
{
	memset(r->size, 0, sizeof(r->size));
	r->in.family = AF_INET_;
	r->in.addr = addr;
}

static int answer(struct ifreq *r, const struct netif *nif, unsigned cmd)
{
	uint32_t own = netif_ip4_addr(nif)->addr, mask = netif_ip4_netmask(nif)->addr;

	switch (cmd) {
	case SIOCGIFNAME:
		memcpy(r->name, net_interface_name(nif), strlen(net_interface_name(nif)) + 1);
		return 0;
	case SIOCGIFFLAGS:
		r->flags = (int16_t) ((netif_is_up(nif) ? IFF_UP : 0) | (netif_is_link_up(nif) ? IFF_RUNNING : 0) |
				      (is_loopback(nif) ? IFF_LOOPBACK : IFF_BROADCAST));
		return 0;
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
		if (!own)
			return -EADDRNOTAVAIL;
		put_address(r, cmd == SIOCGIFNETMASK ? mask : cmd == SIOCGIFBRDADDR ? is_loopback(nif) ? 0 : own | ~mask : own);
		return 0;
	case SIOCGIFMETRIC:
		r->number = 0;
		return 0;
	case SIOCGIFMTU:
		r->number = nif->mtu ? nif->mtu : 65536;
		return 0;
	case SIOCGIFHWADDR:
		memset(r->size, 0, sizeof(r->size));
		r->hw.type = is_loopback(nif) ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
		memcpy(r->hw.address, nif->hwaddr, nif->hwaddr_len);
		return 0;
	case SIOCGIFINDEX:
		r->number = netif_get_index(nif);
		return 0;
	case SIOCGIFTXQLEN:
		r->number = TX_QUEUE;
		return 0;
	default:
		return -ENOTTY;
	}
}

/* Those that have an address; without a place for them, how long the list would be. */
static long list_all(uint64_t arg)
{
	struct ifconf c;
	struct ifreq r;
	struct netif *nif;
	int32_t len = 0;

	if (copy_from_user(&c, arg, sizeof(c)) < 0)
		return -EFAULT;
	NETIF_FOREACH(nif)
	{
		if (!netif_ip4_addr(nif)->addr)
			continue;
		memset(&r, 0, sizeof(r));
		answer(&r, nif, SIOCGIFNAME);
		put_address(&r, netif_ip4_addr(nif)->addr);
		if (c.requests) {
			if (c.len - len < (int32_t) sizeof(r))
				break;
			if (copy_to_user(c.requests + (uint64_t) len, &r, sizeof(r)) < 0)
				return -EFAULT;
		}
		len += (int32_t) sizeof(r);
	}
	c.len = len;
	return copy_to_user(arg, &c, sizeof(c));
}

long net_ioctl(unsigned cmd, uint64_t arg)
{
	const struct netif *nif;
	struct ifreq r;
	int err;

	if (cmd == SIOCGIFCONF)
		return list_all(arg);
	if (cmd < SIOCGIFNAME || cmd > SIOCGIFTXQLEN)
		return -ENOTTY;
	if (copy_from_user(&r, arg, sizeof(r)) < 0)
		return -EFAULT;
	nif = find(&r, cmd);
	if (!nif)
		return -ENODEV;
	err = answer(&r, nif, cmd);
	return err < 0 ? err : copy_to_user(arg, &r, sizeof(r));
}
