/* victim.c: the application that the hostile programs run beside. It keeps patterns in every kind of memory that it has and
 * answers lines on its console:
 *
 *	where	the addresses of those patterns
 *	ping N	`pong N ok NS CPU`: all patterns hold, memory can be had, arithmetic is right, its socket answers, and a fixed
 *		piece of work took NS, of which it had the CPU for CPU; `pong N BROKEN ...` else
 *	detour	where the first instruction of victim_probed() jumps to, once a probe is there
 *	quit	ends
 *
 * A second thread checks all the time, a third serves TCP port 7000 and the abstract name "victim", one byte for one. Hostile programs that name symbols use those that are not static. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WORDS 2048
#define STACK_WORDS 512
#define WORK 300000
#define PORT 7000
#define PEERS 8
#define SALT_DATA 1
#define SALT_BSS 2
#define SALT_HEAP 3
#define SALT_STACK 4
#define SALT_THREAD 5

uint64_t victim_data[WORDS] = { 1 };
uint64_t victim_bss[WORDS];
const uint64_t victim_rodata[4] __attribute__((used)) = { 11, 22, 33, 44 };
uint64_t *victim_heap;
unsigned victim_calls;

static uint64_t *stack_at, *thread_stack_at;
static volatile unsigned checks;
static __thread uint64_t thread_pattern = 0x1122334455667788;
static const char *volatile broken;

#define KEPT __attribute__((noinline, noipa))

/* Functions for programs that may call, and for those that may not. */
KEPT int victim_add(int a, int b)
{
	victim_calls++;
	return a + b;
}

/* For a probe. */
KEPT long victim_probed(long n)
{
	return n * 3 + 4;
}

KEPT int victim_secret(void)
{
	victim_data[0]++; /* seen by the next check */
	return 42;
}

KEPT int victim_callback(int (*f)(void))
{
	return f() + 1;
}

KEPT int victim_crash(int *p)
{
	return *p = 1;
}

KEPT void victim_hang(void)
{
	for (;;)
		__asm__ volatile("");
}

KEPT int victim_recurse(volatile char *up)
{
	volatile char local[256];

	local[0] = up ? up[0] : 0;
	return victim_recurse(local) + local[0];
}

KEPT int victim_sleep(int us)
{
	usleep(us);
	return us;
}

KEPT int victim_sum(const int *p, int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += ((const volatile int *) p)[i];
	return sum;
}

KEPT int victim_print(const char *s)
{
	return printf("printed %s\n", s);
}

/* Leaves something of the application's in every vector register. */
KEPT int victim_vectors(void)
{
	__asm__ volatile("movups %0, %%xmm2\n\t.irp n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n\tmovaps %%xmm2, %%xmm\\n\n\t.endr"
			 ::"m"(victim_rodata)
			 : "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
			   "xmm14", "xmm15");
	return 0;
}

/* More arguments than there are registers. */
KEPT long victim_many(long a, long b, long c, long d, long e, long f, long g, long h)
{
	return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h;
}

/* A kernel has the system calls that its application has: these bring the sockets in, for those who attack through them. */
void *const victim_calls_kept[] __attribute__((used)) = {
	socketpair, socket, bind, connect, listen, accept4, getsockname, getpeername, sendmsg, recvmsg, sendto, recvfrom,
	getsockopt, setsockopt, shutdown, epoll_create1, epoll_ctl, epoll_wait, timerfd_create, timerfd_settime, timerfd_gettime,
	signalfd, eventfd,
};

static uint64_t pattern(uint64_t salt, size_t i)
{
	return (salt * 0x9e3779b97f4a7c15 + i) * 0xbf58476d1ce4e5b9;
}

static void fill(uint64_t *at, size_t n, uint64_t salt)
{
	for (size_t i = 0; i < n; i++)
		at[i] = pattern(salt, i);
}

static const char *check(const uint64_t *at, size_t n, uint64_t salt, const char *what)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] != pattern(salt, i))
			return what;
	return NULL;
}

/* Inexact on purpose: with another thread's MXCSR this would trap or round differently. */
static const char *arithmetic(void)
{
	volatile double a = 1.0, b = 3.0;
	volatile long double c = 1.0L, d = 3.0L;

	if (a / b != 0x1.5555555555555p-2)
		return "SSE";
	return c / d == 0x1.5555555555555556p-2L ? NULL : "x87";
}

static const char *check_all(void)
{
	const char *r = broken;

	r = r ? r : check(victim_data, WORDS, SALT_DATA, "data");
	r = r ? r : check(victim_bss, WORDS, SALT_BSS, "bss");
	r = r ? r : check(victim_heap, WORDS, SALT_HEAP, "heap");
	r = r ? r : check(stack_at, STACK_WORDS, SALT_STACK, "stack");
	r = r ? r : check(thread_stack_at, STACK_WORDS, SALT_THREAD, "thread stack");
	r = r ? r : thread_pattern == 0x1122334455667788 ? NULL : "thread-local";
	r = r ? r : *(const volatile uint64_t *) &victim_rodata[3] == 44 ? NULL : "rodata";
	return r ? r : arithmetic();
}

static const char *take_memory(void)
{
	size_t size = 256 * 1024;
	char *p = malloc(size);

	if (!p)
		return "malloc";
	memset(p, 0x5a, size);
	free(p);
	return NULL;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *watch(void *arg)
{
	uint64_t own[STACK_WORDS];

	fill(own, STACK_WORDS, SALT_THREAD);
	thread_stack_at = own;
	for (;;) {
		const char *r;

		usleep(20000);
		r = check_all();
		if (r)
			broken = r;
		checks++;
	}
	return NULL;
}

/* The listening sockets, and whoever is connected. */
static struct pollfd peers[PEERS];
static int self = -1; /* this application's own connection */

static int listen_on(int family, const void *address, unsigned size)
{
	int s = socket(family, SOCK_STREAM, 0);

	return bind(s, address, size) || listen(s, 4) ? -1 : s;
}

static void *serve(void *arg)
{
	for (;;) {
		poll(peers, PEERS, -1);
		for (int i = 0; i < PEERS; i++) {
			int s = peers[i].revents & POLLIN && i < 2 ? accept(peers[i].fd, NULL, NULL) : -1, k = 2;
			char c;

			while (s >= 0 && k < PEERS && peers[k].fd >= 0)
				k++;
			if (s >= 0 && k < PEERS)
				peers[k] = (struct pollfd){ s, POLLIN, 0 };
			else if (s >= 0)
				close(s);
			if (i < 2 || !peers[i].revents)
				continue;
			if (read(peers[i].fd, &c, 1) == 1 && write(peers[i].fd, &c, 1) == 1)
				continue;
			close(peers[i].fd);
			peers[i].fd = -1;
		}
	}
	return NULL;
}

static int start_server(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	struct sockaddr_un un = { AF_UNIX, "\0victim" };
	pthread_t t;

	for (int i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	peers[0] = (struct pollfd){ listen_on(AF_INET, &in, sizeof(in)), POLLIN, 0 };
	peers[1] = (struct pollfd){ listen_on(AF_UNIX, &un, 2 + 7), POLLIN, 0 };
	if (peers[0].fd < 0 || peers[1].fd < 0 || pthread_create(&t, NULL, serve, NULL))
		return -1;
	self = socket(AF_INET, SOCK_STREAM, 0);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return connect(self, (void *) &in, sizeof(in));
}

static const char *echo(void)
{
	struct pollfd p = { self, POLLIN, 0 };
	char c = 'v';

	if (write(self, &c, 1) != 1 || poll(&p, 1, 10000) != 1 || read(self, &c, 1) != 1 || c != 'v')
		return "socket";
	return NULL;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static void ping(const char *n)
{
	const char *r = check_all();
	uint64_t start, cpu;

	r = r ? r : take_memory();
	r = r ? r : echo();
	start = now_ns();
	cpu = cpu_ns();
	for (volatile unsigned i = 0; i < WORK; i++)
		;
	cpu = cpu_ns() - cpu;
	if (r)
		printf("pong %s BROKEN %s\n", n, r);
	else
		printf("pong %s ok %lu %lu\n", n, now_ns() - start, cpu);
}

static void detour(void)
{
	const unsigned char *code = (const unsigned char *) victim_probed;
	int32_t rel;

	memcpy(&rel, code + 1, sizeof(rel));
	/* SDM vol. 2A, JMP: E9 and 32 bits, from behind the instruction. */
	printf("detour %p result %ld\n", code[0] == 0xe9 ? (void *) (code + 5 + rel) : NULL, victim_probed(2));
}

int main(void)
{
	uint64_t own[STACK_WORDS];
	char line[128], word[64] = "";
	pthread_t t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	victim_heap = malloc(WORDS * sizeof(uint64_t));
	fill(victim_data, WORDS, SALT_DATA);
	fill(victim_bss, WORDS, SALT_BSS);
	fill(victim_heap, WORDS, SALT_HEAP);
	fill(own, STACK_WORDS, SALT_STACK);
	stack_at = own;
	if (start_server() || pthread_create(&t, NULL, watch, NULL))
		return 1;
	while (!checks)
		usleep(1000);
	printf("victim ready\n");
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "ping %63s", word) == 1)
			ping(word);
		else if (!strcmp(line, "where\n"))
			printf("where heap=%p stack=%p tstack=%p\n", (void *) victim_heap, (void *) stack_at, (void *) thread_stack_at);
		else if (!strcmp(line, "detour\n"))
			detour();
		else if (!strcmp(line, "quit\n"))
			return 0;
	}
	/* Kept by the linker for the programs that name them. */
	return victim_add(0, 0) + (errno == -1 ? victim_secret() + victim_crash(NULL) + (victim_hang(), 0) + victim_recurse(NULL) +
			victim_sleep(1) + victim_sum(NULL, 1) + victim_print("") + victim_many(1, 2, 3, 4, 5, 6, 7, 8) + victim_vectors() : 0);
}
