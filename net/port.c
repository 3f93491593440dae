/* port.c: lwIP's platform: time, memory, random numbers, checksums, and the thread that works when packets arrive or a
 * timer is due. No sockets, no device. */
#include "drivers/random.h"
#include "kernel/clock.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/usercopy.h"
#include "kernel/waitq.h"
#include "lib/siphash.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ppp/ppp_opts.h" /* what MEMP_NUM_SYS_TIMEOUT needs */
#include "net/lwip_hooks.h"
#include "net/net.h"

#define TIME_WAIT_MAX 512	/* connections; the oldest beyond that are forgotten */
#define ISN_TICK_NS 4096	/* RFC 6528: a clock of about 4 microseconds */

#define WINDOW_MAX (256u * 1024)
#define WINDOW_MIN (32u * 1024)
#define WINDOW_FIRST_MAX (64u * 1024)
#define WINDOW_FIRST_MIN (16u * 1024)
#define WINDOW_SHARE 256	/* of memory, for one connection */

bool net_copy_user;
u32_t net_tcp_window = WINDOW_MAX;
static struct thread *thread;
static bool awake;		/* the thread has been told to look */
static bool tcp_timed;		/* when the thread last chose its deadline, TCP's timer was on */
static bool working;		/* in net_poll() */
static uint64_t secret[2];

u32_t sys_now(void)
{
	return (u32_t) (clock_monotonic_ns() / NSEC_PER_MSEC);
}

void *net_calloc(size_t count, size_t size)
{
	return kzalloc(count * size); /* lwIP's sizes are small constants */
}

static struct sys_timeo timers[MEMP_NUM_SYS_TIMEOUT];
static bool timer_used[MEMP_NUM_SYS_TIMEOUT];

struct sys_timeo *net_timer_take(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(timers); i++)
		if (!timer_used[i]) {
			timer_used[i] = true;
			return &timers[i];
		}
	return NULL;
}

void net_timer_drop(struct sys_timeo *t)
{
	timer_used[t - timers] = false;
}

uint32_t net_random(void)
{
	uint32_t v;

	random_get(&v, sizeof(v));
	return v;
}

u32_t net_isn(const ip_addr_t *local, u16_t local_port, const ip_addr_t *remote, u16_t remote_port)
{
	struct {
		ip_addr_t local, remote;
		u16_t ports[2];
	} key;

	memset(&key, 0, sizeof(key));
	key.local = *local;
	key.remote = *remote;
	key.ports[0] = local_port;
	key.ports[1] = remote_port;
	if (!secret[0])
		random_get(secret, sizeof(secret));
	return (u32_t) siphash(secret, &key, sizeof(key)) + (u32_t) (clock_monotonic_ns() / ISN_TICK_NS);
}

/* Words that need not be aligned (as types: clang drops the attribute from a cast). */
typedef uint64_t any64 __attribute__((aligned(1), may_alias));
typedef uint32_t any32 __attribute__((aligned(1), may_alias));
typedef uint16_t any16 __attribute__((aligned(1), may_alias));

/* The Internet checksum's sum (RFC 1071), in memory's byte order, not inverted. */
uint16_t net_checksum(const void *data, int len)
{
	const uint8_t *p = data;
	uint64_t sum = 0, word;
	uint32_t folded;

	for (; len >= 32; len -= 32, p += 32)
		__asm__("addq (%1), %0\n\tadcq 8(%1), %0\n\tadcq 16(%1), %0\n\tadcq 24(%1), %0\n\tadcq $0, %0"
			: "+r"(sum)
			: "r"(p), "m"(*(const uint8_t(*)[32]) p));
	for (; len >= 8; len -= 8, p += 8) {
		word = *(const any64 *) p;
		sum += word;
		sum += sum < word;
	}
	/* Headers end here: with 4 bytes, and the last of a packet perhaps with an odd one. */
	word = 0;
	if (len & 4) {
		word = *(const any32 *) p;
		p += 4;
	}
	if (len & 2) {
		word += *(const any16 *) p;
		p += 2;
	}
	if (len & 1)
		word += *p;
	sum += word;
	sum += sum < word;
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	folded = (uint32_t) (sum & 0xffff) + (uint32_t) (sum >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return (uint16_t) folded;
}

void net_copy_in(void *to, const void *from, size_t len)
{
	if (net_copy_user)
		copy_from_user(to, (uint64_t) from, len);
	else
		memcpy(to, from, len);
}

bool net_memory_short(void)
{
	struct page_stats s;

	page_get_stats(&s);
	return s.free < s.total / 16;
}

/* What is in TIME_WAIT costs memory and a look at each new connection. */
static void forget_time_waits(void)
{
	struct tcp_pcb *pcb = tcp_tw_pcbs;

	for (unsigned n = 0; pcb && n < TIME_WAIT_MAX; n++)
		pcb = pcb->next;
	while (pcb) {
		struct tcp_pcb *next = pcb->next;

		tcp_abort(pcb); /* says nothing to the peer in this state */
		pcb = next;
	}
}

static bool tcp_active(void)
{
	return tcp_active_pcbs || tcp_tw_pcbs;
}

static bool work(void)
{
	bool more;

	if (working)
		return false;
	working = true;
	more = netif_work();
	netif_poll_all();
	netif_kick(true);
	working = false;
	return more;
}

void net_poll(void)
{
	if (thread)
		work();
}

void net_leave(void)
{
	netif_poll_all();
	/* The thread runs when the application waits, or after a slice. */
	if (netif_kick(false) || (tcp_active() && !tcp_timed))
		net_wake();
}

void net_wake(void)
{
	awake = true;
	thread_wake(thread);
}

static void net_thread(void *arg)
{
	uint64_t next_timer_ns = 0;

	for (;;) {
		u32_t sleep;

		awake = false;
		if (clock_monotonic_ns() >= next_timer_ns) {
			sys_check_timeouts();
			forget_time_waits();
		}
		if (work() || awake || netif_sleep()) {
			thread_yield();
			continue;
		}
		tcp_timed = tcp_active();
		sleep = sys_timeouts_sleeptime();
		next_timer_ns = sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? TIME_NEVER
									  : clock_monotonic_ns() + sleep * NSEC_PER_MSEC;
		thread_block(WAIT_EVENT, "net", next_timer_ns, false);
	}
}

/* From boot on: also before the first socket there is something to see, namely none. */
INIT(51, net_proc);

int net_start(void)
{
	struct page_stats s;
	int r;

	if (thread)
		return 0;
	r = thread_create_kernel("net", CLASS_APP, net_thread, NULL, &thread);
	if (r < 0)
		return r;
	page_get_stats(&s);
	net_tcp_window = (u32_t) MIN(MAX(s.total * PAGE_SIZE / WINDOW_SHARE, (uint64_t) WINDOW_MIN), (uint64_t) WINDOW_MAX);
	net_tcp_first_window = MIN(net_tcp_window, (u32_t) MAX(s.total * PAGE_SIZE / WINDOW_SHARE / 2, (uint64_t) WINDOW_FIRST_MIN));
	net_tcp_first_window = MIN(net_tcp_first_window, (u32_t) WINDOW_FIRST_MAX);
	lwip_init();
	net_exit_register();
	net_configure(netif_open());
	return 0;
}
