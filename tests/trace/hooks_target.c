/* hooks_target.c: what the tests of the clock, of switches and of stacks look at. A line of standard input says what to
 * do; each answer is one line. */
#include <alloca.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noipa))
/* So that a call is no jump. */
#define KEEP(x)                                     \
	({                                          \
		__typeof__(x) keep_ = (x);          \
		__asm__ volatile("" : "+r"(keep_)); \
		keep_;                              \
	})

/* --- chains that end in mark() */

NOINLINE long mark(long n)
{
	__asm__ volatile("");
	return n;
}

NOINLINE long third(long n)
{
	return KEEP(mark(n + 1));
}

NOINLINE long second(long n)
{
	return KEEP(third(n * 3));
}

NOINLINE long first(long n)
{
	return KEEP(second(n)) + 1;
}

NOINLINE long down(long n)
{
	return n ? KEEP(down(n - 1)) + 1 : KEEP(mark(0));
}

/* A frame found by rbp, and one whose stack is aligned anew. */
NOINLINE long with_alloca(long n)
{
	char *p = alloca((size_t)n);

	memset(p, 1, (size_t)n);
	return KEEP(mark(p[n / 2]));
}

NOINLINE __attribute__((force_align_arg_pointer)) long with_alignment(long n)
{
	long x[8] __attribute__((aligned(64)));

	__asm__ volatile("" : : "r"(x) : "memory");
	x[n & 7] = n;
	return KEEP(mark(x[n & 7]));
}

/* Says nothing about its frame. */
long without_cfi(long n), on_garbage(long n);
long garbage[512];
__asm__(".text\n"
	".globl without_cfi, on_garbage\n"
	".type without_cfi, @function\n.type on_garbage, @function\n"
	"without_cfi: sub $40, %rsp\n call second\n add $40, %rsp\n ret\n.size without_cfi, . - without_cfi\n"
	/* Runs on a stack of nonsense. */
	"on_garbage: push %rbp\n push %rbx\n mov %rsp, %rbx\n lea garbage+2048(%rip), %rsp\n"
	" movabs $0x123456789abcdef0, %rbp\n call third\n mov %rbx, %rsp\n pop %rbx\n pop %rbp\n ret\n"
	".size on_garbage, . - on_garbage\n");

static int compare(const void *a, const void *b)
{
	mark(1);
	return *(const int *)a - *(const int *)b;
}

NOINLINE void sort(void)
{
	int v[] = {2, 1};

	qsort(v, 2, sizeof(v[0]), compare);
	__asm__ volatile("" : : "r"(v) : "memory");
}

/* --- the clock */

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

NOINLINE unsigned long hot_function(unsigned long v, long turns)
{
	for (long i = 0; i < turns; i++)
		v = v * 6364136223846793005UL + 1442695040888963407UL;
	return v;
}

/* Computes for so many milliseconds of CPU time. */
NOINLINE void spin(long ms)
{
	double end = cpu_seconds() + (double)ms / 1000;
	unsigned long v = 1;

	while (cpu_seconds() < end)
		v = hot_function(v, 200000);
	__asm__ volatile("" : : "r"(v));
}

/* --- waits */

NOINLINE void sleeper(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
	__asm__ volatile("");
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long turn, turns;

static void *player(void *arg)
{
	long me = (long)arg;

	pthread_mutex_lock(&lock);
	while (turn < turns) {
		while (turn < turns && turn % 2 != me)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_signal(&changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

NOINLINE void ping_pong(long n)
{
	pthread_t a, b;

	turn = 0;
	turns = n;
	pthread_create(&a, NULL, player, (void *)0);
	pthread_create(&b, NULL, player, (void *)1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}

int main(void)
{
	char line[64], word[16];
	long count = 0;

	for (size_t i = 0; i < 512; i++)
		garbage[i] = (long)(i % 3 == 0 ? i : i % 3 == 1 ? (size_t)main + i : 0xffff800000000000UL + i * 4096);
	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		long n = 0;

		if (sscanf(line, "%15s %ld", word, &n) < 1)
			continue;
		if (!strcmp(word, "first"))
			first(n);
		else if (!strcmp(word, "down"))
			down(n);
		else if (!strcmp(word, "alloca"))
			with_alloca(n);
		else if (!strcmp(word, "align"))
			with_alignment(n);
		else if (!strcmp(word, "nocfi"))
			without_cfi(n);
		else if (!strcmp(word, "garbage"))
			on_garbage(n);
		else if (!strcmp(word, "sort"))
			sort();
		else if (!strcmp(word, "spin"))
			spin(n);
		else if (!strcmp(word, "sleep"))
			sleeper(n);
		else if (!strcmp(word, "pingpong"))
			ping_pong(n);
		printf("%ld done\n", ++count);
	}
	return 0;
}
