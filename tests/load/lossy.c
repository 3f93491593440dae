/* lossy.c: a bad line. Joins an interface (a guest's tap device) with a tap device that it makes, and loses, doubles,
 * delays and reorders the packets between them in both directions, as `tc qdisc add ... netem` does where the kernel has
 * it. virtio's header goes along, so that the guest keeps its offloads: what is lost may be 64 KiB at once.
 *
 *	lossy [-l LOSS] [-u DOUBLED] [-r REORDERED] [-d DELAY_US] [-s SEED] GUEST-IF HOST-IF
 *
 * LOSS, DOUBLED and REORDERED are per 1,000 packets; what is reordered comes up to 20 ms late. SIGUSR1: the line is good
 * from now on; SIGUSR2: bad again. Ends with SIGTERM, and tells how many packets met which fate. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <arpa/inet.h>
#include <unistd.h>

#define QUEUE_MAX 2048
#define PACKET_MAX 70000
#define LATE_US 20000

struct packet {
	uint64_t due_us, order;
	size_t len;
	int to;
	uint8_t *data;
};

static struct packet heap[QUEUE_MAX];
static unsigned queued;
static unsigned loss, doubled, reordered, delay_us = 300;
static uint64_t seed = 1;
static unsigned long passed, lost, twice, late, full;
static volatile sig_atomic_t good, ended;

static void on_signal(int sig)
{
	if (sig == SIGTERM)
		ended = 1;
	else
		good = sig == SIGUSR1;
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t) ts.tv_sec * 1000000 + (uint64_t) ts.tv_nsec / 1000;
}

static unsigned chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned) (seed % n);
}

static int before(const struct packet *a, const struct packet *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void swap(unsigned i, unsigned k)
{
	struct packet p = heap[i];

	heap[i] = heap[k];
	heap[k] = p;
}

static void push(int to, const uint8_t *data, size_t len, uint64_t due_us)
{
	static uint64_t order;
	unsigned i = queued;

	if (queued == QUEUE_MAX) {
		full++;
		return;
	}
	heap[queued++] = (struct packet){ due_us, order++, len, to, memcpy(malloc(len), data, len) };
	for (; i && before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(i, (i - 1) / 2);
}

static void pop_and_send(void)
{
	struct packet p = heap[0];

	heap[0] = heap[--queued];
	for (unsigned i = 0;;) {
		unsigned least = i;

		for (unsigned k = 2 * i + 1; k <= 2 * i + 2 && k < queued; k++)
			if (before(&heap[k], &heap[least]))
				least = k;
		if (least == i)
			break;
		swap(i, least);
		i = least;
	}
	if (write(p.to, p.data, p.len) < 0)
		full++;
	free(p.data);
}

static void arrived(int to, const uint8_t *data, size_t len)
{
	uint64_t due = now_us() + delay_us;
	unsigned copies = 1;

	if (!good) {
		if (chance(1000) < loss) {
			lost++;
			return;
		}
		if (chance(1000) < doubled) {
			twice++;
			copies++;
		}
		if (chance(1000) < reordered) {
			late++;
			due += chance(LATE_US);
		}
	}
	passed++;
	while (copies--)
		push(to, data, len, due);
}

static void die(const char *what)
{
	fprintf(stderr, "lossy: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_guest(const char *name)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int) if_nametoindex(name) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL)), one = 1, room = 4 << 20;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *) &at, sizeof(at)) < 0)
		die(name);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return fd;
}

static int open_host(const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) < 0 ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0)
		die(name);
	return fd;
}

int main(int argc, char **argv)
{
	static uint8_t data[PACKET_MAX];
	struct sigaction sa = { .sa_handler = on_signal };
	int option, guest, host;

	while ((option = getopt(argc, argv, "l:u:r:d:s:")) != -1) {
		unsigned n = (unsigned) strtoul(optarg ? optarg : "", NULL, 10);

		switch (option) {
		case 'l': loss = n; break;
		case 'u': doubled = n; break;
		case 'r': reordered = n; break;
		case 'd': delay_us = n; break;
		case 's': seed = n + 1; break;
		default: return 2;
		}
	}
	if (argc - optind != 2)
		return 2;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	guest = open_guest(argv[optind]);
	host = open_host(argv[optind + 1]);
	puts("ready");
	fflush(stdout);
	while (!ended) {
		struct pollfd fds[2] = { { guest, POLLIN, 0 }, { host, POLLIN, 0 } };
		uint64_t now = now_us();
		struct timespec wait = { 1, 0 };
		ssize_t n;

		if (queued) {
			uint64_t us = heap[0].due_us > now ? heap[0].due_us - now : 0;

			wait = (struct timespec){ (time_t) (us / 1000000), (long) (us % 1000000) * 1000 };
		}
		ppoll(fds, 2, &wait, NULL);
		for (int i = 0; i < 64; i++) {
			struct sockaddr_ll from = { 0 };
			socklen_t len = sizeof(from);

			n = recvfrom(guest, data, sizeof(data), 0, (struct sockaddr *) &from, &len);
			if (n <= 0)
				break;
			if (from.sll_pkttype != PACKET_OUTGOING)
				arrived(host, data, (size_t) n);
		}
		for (int i = 0; i < 64 && (n = read(host, data, sizeof(data))) > 0; i++)
			arrived(guest, data, (size_t) n);
		for (now = now_us(); queued && heap[0].due_us <= now;)
			pop_and_send();
	}
	printf("%lu passed, %lu lost, %lu doubled, %lu late, %lu without room\n", passed, lost, twice, late, full);
	return 0;
}
