/*
 * net.c: see net.h. User networking is QEMU's own (slirp): no rights are needed, and forwarded ports are the only way
 * in.
 */
#include "host/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/command.h"

/* A number from 1 to 65535 that ends at `end`; 0: it is none. */
static unsigned port_number(const char *text, const char *end)
{
	unsigned n = 0;

	if (text == end)
		return 0;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9' || n > 65535)
			return 0;
		n = n * 10 + (unsigned)(*text - '0');
	}
	return n > 65535 ? 0 : n;
}

bool net_parse_forward(const char *text, struct port_forward *f)
{
	const char *end = text + strlen(text), *guest, *host = text, *colon;
	struct in_addr addr;

	*f = (struct port_forward){ .text = text };
	if (end - text > 4 && (strcmp(end - 4, "/udp") == 0 || strcmp(end - 4, "/tcp") == 0)) {
		f->udp = strcmp(end - 4, "/udp") == 0;
		end -= 4;
	}
	guest = memrchr(text, ':', (size_t)(end - text));
	if (!guest)
		return false;
	strcpy(f->host, "127.0.0.1");
	colon = memrchr(text, ':', (size_t)(guest - text));
	if (colon) {
		if (colon - text >= (long)sizeof(f->host))
			return false;
		snprintf(f->host, sizeof(f->host), "%.*s", (int)(colon - text), text);
		if (inet_pton(AF_INET, f->host, &addr) != 1)
			return false;
		host = colon + 1;
	}
	f->host_port = port_number(host, guest);
	f->guest_port = port_number(guest + 1, end);
	return f->host_port && f->guest_port;
}

void net_add_forward(struct net *n, const char *text)
{
	struct port_forward f;

	if (!net_parse_forward(text, &f))
		die(EXIT_UIO, "-p %s: it is [IP:]HOST:GUEST[/tcp|/udp], such as 8080:80, with ports from 1 to 65535",
		    text);
	for (unsigned i = 0; i < n->forward_count; i++) {
		const struct port_forward *o = &n->forwards[i];

		if (o->udp == f.udp && o->host_port == f.host_port && strcmp(o->host, f.host) == 0)
			die(EXIT_UIO, "-p %s: port %u of %s is given twice", text, f.host_port, f.host);
	}
	n->forwards = xrealloc(n->forwards, (n->forward_count + 1) * sizeof(f));
	n->forwards[n->forward_count++] = f;
}

void net_choose(struct net *n, const char *text)
{
	if (!text) {
		n->kind = n->forward_count || n->ip || n->ip6 ? NET_USER : NET_NONE;
	} else if (strcmp(text, "user") == 0) {
		n->kind = NET_USER;
	} else if (strcmp(text, "none") == 0) {
		n->kind = NET_NONE;
	} else if (strncmp(text, "tap=", 4) == 0 && text[4] && strlen(text + 4) < IF_NAMESIZE && !strchr(text, ',')) {
		n->kind = NET_TAP;
		n->tap = text + 4;
	} else {
		die(EXIT_UIO, "--net %s: it is user, none or tap=INTERFACE", text);
	}
	if (n->forward_count && n->kind != NET_USER)
		die(EXIT_UIO, "-p %s: ports are forwarded with --net user only", n->forwards[0].text);
	if ((n->ip || n->ip6) && n->kind == NET_NONE)
		die(EXIT_UIO, "--ip %s: there is no network with --net none", n->ip ? n->ip : n->ip6);
}

/* The address and the prefix's length of a static configuration; false: dhcp, none, auto or nonsense. */
static bool static_address(const char *text, int family, void *ret_addr, unsigned *ret_length)
{
	char address[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, "/,");
	unsigned long length;
	char *end;

	if (text[n] != '/' || n >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)n, text);
	if (inet_pton(family, address, ret_addr) != 1 || text[n + 1] < '0' || text[n + 1] > '9')
		return false;
	length = strtoul(text + n + 1, &end, 10);
	if ((*end && *end != ',') || length < 1 || length > (family == AF_INET ? 32 : 128))
		return false;
	*ret_length = (unsigned)length;
	return true;
}

void net_add_ip(struct net *n, const char *text)
{
	struct in6_addr addr;
	unsigned length;

	if (strcmp(text, "dhcp") == 0 || strcmp(text, "none") == 0 || static_address(text, AF_INET, &addr, &length)) {
		n->ip = text;
	} else if (static_address(text, AF_INET6, &addr, &length)) {
		n->ip6 = text;
	} else {
		die(EXIT_UIO,
		    "--ip %s: it is dhcp, none or ADDRESS/LENGTH[,gw=ADDRESS][,dns=ADDRESS], such as "
		    "10.0.2.15/24,gw=10.0.2.2",
		    text);
	}
}

/* Binds as QEMU will. */
static void check_port(const struct port_forward *f)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)f->host_port) };
	int fd = socket(AF_INET, (f->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		return;
	inet_pton(AF_INET, f->host, &addr.sin_addr);
	if (!f->udp)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || (!f->udp && listen(fd, 1) < 0)) {
		if (errno == EADDRINUSE)
			die(EXIT_UIO, "-p %s: port %u of %s is in use", f->text, f->host_port, f->host);
		die(EXIT_UIO, "-p %s: port %u of %s: %s", f->text, f->host_port, f->host, strerror(errno));
	}
	close(fd);
}

void net_check(const struct net *n)
{
	for (unsigned i = 0; i < n->forward_count; i++)
		check_port(&n->forwards[i]);
	if (n->kind == NET_TAP && !if_nametoindex(n->tap))
		die(EXIT_UIO, "--net tap=%s: there is no such interface", n->tap);
}

/* By FNV-1a. */
void net_mac(const char *name, char ret[NET_MAC_SIZE])
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	snprintf(ret, NET_MAC_SIZE, "52:54:00:%02x:%02x:%02x", h & 0xff, h >> 8 & 0xff, h >> 16 & 0xff);
}

/* QEMU's network has to be the one that a static address is of; forwarded ports lead to that address. */
static char *user_options(const struct net *n)
{
	struct in_addr addr, net;
	unsigned length;
	char guest[INET_ADDRSTRLEN] = "", text[INET_ADDRSTRLEN];
	char *options = xstrdup("user,id=net");
	const char *gw = n->ip ? strstr(n->ip, ",gw=") : NULL;

	if (n->ip && static_address(n->ip, AF_INET, &addr, &length)) {
		net.s_addr = addr.s_addr & htonl(~0u << (32 - length));
		inet_ntop(AF_INET, &addr, guest, sizeof(guest));
		inet_ntop(AF_INET, &net, text, sizeof(text));
		options = xasprintf("%s,net=%s/%u", options, text, length);
		if (gw)
			options = xasprintf("%s,host=%.*s", options, (int)strcspn(gw + 4, ","), gw + 4);
	}
	for (unsigned i = 0; i < n->forward_count; i++) {
		const struct port_forward *f = &n->forwards[i];

		options = xasprintf("%s,hostfwd=%s:%s:%u-%s:%u", options, f->udp ? "udp" : "tcp", f->host, f->host_port,
				    guest, f->guest_port);
	}
	return options;
}

void net_qemu_words(const struct net *n, const char *name, const char *bus, const char *device_options, struct strv *c)
{
	char mac[NET_MAC_SIZE];

	if (n->kind == NET_NONE)
		return;
	net_mac(name, mac);
	strv_add(c, "-netdev");
	if (n->kind == NET_TAP)
		strv_addf(c, "tap,id=net,ifname=%s,script=no,downscript=no", n->tap);
	else
		strv_add(c, user_options(n));
	strv_add(c, "-device");
	/* Without a ROM to boot from, which nobody would run. */
	strv_addf(c, "virtio-net-%s,netdev=net,mac=%s%s%s", bus, mac, device_options,
		  strcmp(bus, "pci") == 0 ? ",romfile=" : "");
}
