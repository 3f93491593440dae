/*
 * net.h: a guest's network: from -p, --net and --ip to QEMU's words and the boot line's.
 */
#ifndef HOST_NET_H
#define HOST_NET_H

#include <stdbool.h>

#include "host/util.h"

/* A port of the host's that leads to one of the guest's. */
struct port_forward {
	const char *text;	/* as the user wrote it */
	char host[16];		/* IPv4 address on the host */
	unsigned host_port, guest_port;
	bool udp;
};

enum net_kind { NET_NONE, NET_USER, NET_TAP };

struct net {
	enum net_kind kind;
	const char *tap;		/* NET_TAP: the interface */
	const char *ip, *ip6;		/* uio.ip=, uio.ip6=; NULL: the guest's default */
	struct port_forward *forwards;
	unsigned forward_count;
};

/* [IP:]HOST:GUEST[/tcp|/udp]; *ret refers to text. False: it is not; *ret is then anything. */
bool net_parse_forward(const char *text, struct port_forward *ret);

#define NET_MAC_SIZE	18
/* A locally administered MAC address as text that stays the same for a unikernel's name. */
void net_mac(const char *name, char ret[NET_MAC_SIZE]);

/* Adds one. Dies with an explanation for what it does not understand. */
void net_add_forward(struct net *n, const char *text);
/* user, none or tap=INTERFACE; NULL: user if there is something that needs it, else none. Last of the three. */
void net_choose(struct net *n, const char *text);
/* dhcp, none, or an address of either family as net/config.c reads it. */
void net_add_ip(struct net *n, const char *text);

/* Dies when a port is taken or an interface is missing. Another process may still come in between; QEMU says so then.
 */
void net_check(const struct net *n);

/* -netdev and -device words; `bus` and `device_options` as of the other virtio devices. `name` gives the MAC address. */
void net_qemu_words(const struct net *n, const char *name, const char *bus, const char *device_options,
		    struct strv *c);

#endif
