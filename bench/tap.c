/*
 * tap.c: a network namespace with TAP interfaces, for guests and the clients of this process. See server.h.
 *
 * QEMU's user network is a TCP stack in QEMU's main loop: it costs more host time for a request than the guest does. A
 * TAP interface needs privileges, but only within a network namespace, which root may make, and elsewhere often every
 * user within a user namespace.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/server.h"

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write_all(fd, text, strlen(text)) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool enter_namespace(void)
{
	unsigned uid = getuid(), gid = getgid();
	char map[40];

	if (unshare(CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	/* user_namespaces(7): one's own ids may be mapped, the group's once setgroups is given up. */
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!write_file("/proc/self/uid_map", map) || !write_file("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

static void set_in(struct sockaddr *sa, const char *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)sa;

	in->sin_family = AF_INET;
	inet_pton(AF_INET, address, &in->sin_addr);
}

static bool set_up(int s, const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_UP | IFF_RUNNING};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return ioctl(s, SIOCSIFFLAGS, &r) == 0;
}

const char *net_mac(unsigned slot)
{
	static const char *const macs[NET_SLOTS] = {"52:54:00:62:00:00", "52:54:00:62:00:01", "52:54:00:62:00:02",
						    "52:54:00:62:00:03"};

	return macs[slot];
}

/* An entry for good: otherwise the host asks for the address once a second, and that would be the time's resolution. */
static bool know_guest(int s, const char *tap, unsigned slot)
{
	struct arpreq r = {.arp_flags = ATF_PERM | ATF_COM};
	unsigned char *mac = (unsigned char *)r.arp_ha.sa_data;
	char address[16];

	snprintf(address, sizeof(address), "10.99.%u.2", slot);
	set_in(&r.arp_pa, address);
	r.arp_ha.sa_family = ARPHRD_ETHER;
	snprintf(r.arp_dev, sizeof(r.arp_dev), "%s", tap);
	if (sscanf(net_mac(slot), "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) !=
	    6)
		return false;
	return ioctl(s, SIOCSARP, &r) == 0;
}

static bool make_tap(int s, unsigned slot)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	char address[16];
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	bool ok;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "tap%u", slot);
	ok = fd >= 0 && ioctl(fd, TUNSETIFF, &r) == 0 && ioctl(fd, TUNSETPERSIST, 1) == 0;
	if (fd >= 0)
		close(fd);
	snprintf(address, sizeof(address), "10.99.%u.1", slot);
	set_in(&r.ifr_addr, address);
	ok = ok && ioctl(s, SIOCSIFADDR, &r) == 0;
	set_in(&r.ifr_netmask, "255.255.255.0");
	ok = ok && ioctl(s, SIOCSIFNETMASK, &r) == 0;
	return ok && set_up(s, r.ifr_name) && (slot == NET_SLOTS - 1 || know_guest(s, r.ifr_name, slot));
}

bool net_is_tap(void)
{
	static enum { UNKNOWN, TAP, USER } kind;

	if (kind == UNKNOWN) {
		const char *wish = getenv("BENCH_NET");
		bool asked = !wish || strcmp(wish, "user") != 0;
		bool ok = asked && access("/dev/net/tun", R_OK | W_OK) == 0 && enter_namespace();
		int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		ok = ok && set_up(s, "lo");
		for (unsigned slot = 0; ok && slot < NET_SLOTS; slot++)
			ok = make_tap(s, slot);
		if (!ok && asked)
			warn("bench: no TAP interface (%s); QEMU's user network, which hides much of a difference",
			     strerror(errno));
		close(s);
		kind = ok ? TAP : USER;
	}
	return kind == TAP;
}

const char *net_text(void)
{
	return net_is_tap() ? "a TAP interface in a network namespace of its own"
			    : "QEMU's user network, whose host time hides much of a difference";
}
