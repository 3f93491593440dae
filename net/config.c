/* config.c: the interface's addresses, from the boot options:
 *
 *	uio.ip=dhcp | none | A.B.C.D/LENGTH[,gw=A.B.C.D][,dns=ADDRESS]...	default: dhcp
 *	uio.ip6=auto | none | ADDRESS/LENGTH[,gw=ADDRESS][,dns=ADDRESS]...	default: auto, by router advertisements
 *
 * Name servers are written to /etc/resolv.conf, and localhost to /etc/hosts, unless the image brings those files along. */
#include "drivers/host_clock.h"
#include "fs/vfs.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "lwip/dhcp.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "net/lwip_hooks.h"
#include "net/net.h"

#define HOSTS "/etc/hosts"
#define RESOLV_CONF "/etc/resolv.conf"
#define WORD_MAX 64
#define FIRST_WAIT_NS (10 * NSEC_PER_SEC)

static ip_addr_t servers[DNS_MAX_SERVERS];
static bool servers_ours;	/* RESOLV_CONF is our making */
static struct netif *gateway6_via;	/* NULL: uio.ip6= names no gateway */
static ip6_addr_t gateway6;
static bool pending;		/* DHCP has not answered yet */
static struct waitq configured = WAITQ_INIT(configured);

/* Puts a file of a few lines where there is none; `again`: it is ours and may be replaced. */
static bool write_file(const char *path, const char *text, bool again)
{
	struct file *f;

	vfs_mkdir(NULL, NULL, "/etc", 0755);
	if (vfs_open(path, O_WRONLY | O_CREAT | (again ? O_TRUNC : O_EXCL), 0644, &f) < 0)
		return false;
	file_write_kernel(f, text, strlen(text), 0);
	file_put(f);
	return true;
}

static void write_servers(void)
{
	char text[DNS_MAX_SERVERS * (IPADDR_STRLEN_MAX + 12)];
	size_t len = 0;

	for (unsigned i = 0; i < DNS_MAX_SERVERS; i++)
		if (!ip_addr_isany(&servers[i])) {
			char name[IPADDR_STRLEN_MAX];

			ipaddr_ntoa_r(&servers[i], name, sizeof(name));
			len += (size_t) fmt_snprintf(text + len, sizeof(text) - len, "nameserver %s\n", name);
		}
	if (len && write_file(RESOLV_CONF, text, servers_ours))
		servers_ours = true;
}

void dns_setserver(u8_t n, const ip_addr_t *server)
{
	if (n < DNS_MAX_SERVERS)
		ip_addr_copy(servers[n], *server);
}

static void add_server(const ip_addr_t *server)
{
	for (unsigned i = 0; i < DNS_MAX_SERVERS; i++)
		if (ip_addr_isany(&servers[i])) {
			ip_addr_copy(servers[i], *server);
			return;
		}
}

/* DHCP got, renewed or lost its lease. */
static void status_changed(struct netif *nif)
{
	char address[IP4ADDR_STRLEN_MAX], gateway[IP4ADDR_STRLEN_MAX];

	if (ip4_addr_isany_val(*netif_ip4_addr(nif)) || !pending)
		return;
	pending = false;
	ip4addr_ntoa_r(netif_ip4_addr(nif), address, sizeof(address));
	ip4addr_ntoa_r(netif_ip4_gw(nif), gateway, sizeof(gateway));
	klog("net: %s from dhcp, gateway %s", address, gateway);
	write_servers();
	waitq_wake_all(&configured);
}

/* The next word of a list with commas; false: none, or too long. */
static bool next_word(const char **at, char word[WORD_MAX])
{
	size_t n = 0;

	while ((*at)[n] && (*at)[n] != ',')
		n++;
	if (n == 0 || n >= WORD_MAX)
		return false;
	memcpy(word, *at, n);
	word[n] = '\0';
	*at += n + ((*at)[n] == ',');
	return true;
}

struct addresses {
	ip_addr_t own, gateway;
	unsigned length;	/* of the prefix, in bits */
};

static int parse_own(char *word, bool v6, struct addresses *ret)
{
	char *slash = strchr(word, '/');
	uint64_t length = v6 ? 64 : 24;

	if (slash) {
		*slash = '\0';
		if (num_parse_u64(slash + 1, 10, &length) < 0 || length > (v6 ? 128 : 32))
			return -EINVAL;
	}
	ret->length = (unsigned) length;
	return ipaddr_aton(word, &ret->own) && IP_IS_V6(&ret->own) == v6 ? 0 : -EINVAL;
}

static int parse(const char *text, bool v6, struct addresses *ret)
{
	char word[WORD_MAX];
	ip_addr_t server;

	memset(ret, 0, sizeof(*ret));
	if (!next_word(&text, word) || parse_own(word, v6, ret) < 0)
		return -EINVAL;
	while (*text) {
		if (!next_word(&text, word))
			return -EINVAL;
		if (strncmp(word, "gw=", 3) == 0) {
			if (!ipaddr_aton(word + 3, &ret->gateway) || IP_IS_V6(&ret->gateway) != v6)
				return -EINVAL;
		} else if (strncmp(word, "dns=", 4) == 0) {
			if (!ipaddr_aton(word + 4, &server))
				return -EINVAL;
			add_server(&server);
		} else
			return -EINVAL;
	}
	return 0;
}

static void configure4(struct netif *nif, const char *text)
{
	struct addresses a;
	ip4_addr_t mask;

	if (text && strcmp(text, "none") == 0)
		return;
	if (text && strcmp(text, "dhcp") != 0) {
		if (parse(text, false, &a) == 0) {
			ip4_addr_set_u32(&mask, lwip_htonl(a.length ? ~0U << (32 - a.length) : 0));
			netif_set_addr(nif, ip_2_ip4(&a.own), &mask, ip_2_ip4(&a.gateway));
			return;
		}
		klog("net: uio.ip=%s is not understood; dhcp instead", text);
	}
	pending = true;
	netif_set_status_callback(nif, status_changed);
	dhcp_start(nif);
}

static void configure6(struct netif *nif, const char *text)
{
	struct addresses a;

	if (text && strcmp(text, "none") == 0)
		return;
	netif_create_ip6_linklocal_address(nif, 1);
	if (text && strcmp(text, "auto") != 0) {
		if (parse(text, true, &a) == 0) {
			netif_ip6_addr_set(nif, 1, ip_2_ip6(&a.own));
			netif_ip6_addr_set_state(nif, 1, IP6_ADDR_PREFERRED);
			if (!ip_addr_isany(&a.gateway)) {
				gateway6 = *ip_2_ip6(&a.gateway);
				ip6_addr_assign_zone(&gateway6, IP6_UNICAST, nif);
				gateway6_via = nif;
			}
			return;
		}
		klog("net: uio.ip6=%s is not understood; auto instead", text);
	}
	netif_set_ip6_autoconfig_enabled(nif, 1);
}

const ip6_addr_t *net_gateway6(const struct netif *nif)
{
	return nif == gateway6_via ? &gateway6 : NULL;
}

void net_configure(struct netif *nif)
{
	write_file(HOSTS, "127.0.0.1 localhost\n::1 localhost\n", false);
	if (!nif)
		return;
	host_clock_start();
	netif_set_up(nif);
	configure4(nif, boot_option("ip"));
	configure6(nif, boot_option("ip6"));
	if (!pending)
		write_servers();
}

int net_wait_configured(void)
{
	uint64_t deadline = clock_monotonic_ns() + FIRST_WAIT_NS;

	while (pending) {
		int r = waitq_wait(&configured, WAIT_EVENT, "dhcp", deadline, true);

		if (r == -ETIMEDOUT)
			pending = false;
		else if (r < 0)
			return r;
	}
	return 0;
}
