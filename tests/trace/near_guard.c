/*
 * near_guard.c: what run-near-guard.sh drives: stacks that are used up to within a few bytes of their guard page while
 * interrupts, samples, switches of threads, signals and probes come. A line of standard input says what to do; the answer
 * is the line's word and "ok", or what was wrong.
 *
 *	interrupts	two threads compute at each of the distances; what is below their red zones must stay as it is
 *	signals		the same while SIGALRM comes, whose handler has a stack of its own
 *	late		SIGALRM comes, without a stack of its own, where there is no room for it; then there is, and the thread
 *			goes on computing
 *	calls		calls of probed() with each distance left
 *	quit
 *
 * A program of the overlay calls gate_near().
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

#define STACK	 65536
#define GUARD	 65536
#define RED_ZONE 128
#define PATTERN	 0x5a

static const unsigned distances[] = {0, 8, 64, 128, 136, 144, 256, 304, 312, 320, 480, 640, 1024, 1536, 2048, 3072, 4096, 8192};
#define DISTANCES (sizeof(distances) / sizeof(distances[0]))

/* long spin_at(char *sp, volatile int *stop, long turns): counts on the stack at sp until *stop or that often, and touches
 * nothing there. long call_at(char *sp, long x): probed(x) with the stack pointer at sp before the call. */
long spin_at(char *sp, volatile int *stop, long turns), call_at(char *sp, long x), probed(long x);
__asm__(".text\n"
	".globl spin_at, call_at, probed\n"
	".type spin_at, @function\n.type call_at, @function\n.type probed, @function\n"
	"spin_at: push %rbx\n mov %rsp, %rbx\n mov %rdi, %rsp\n xor %eax, %eax\n"
	"1: inc %rax\n cmp %rdx, %rax\n je 2f\n cmpl $0, (%rsi)\n je 1b\n"
	"2: cmp %rdi, %rsp\n mov %rbx, %rsp\n je 3f\n mov $-1, %rax\n3: pop %rbx\n ret\n.size spin_at, . - spin_at\n"
	"call_at: push %rbx\n mov %rsp, %rbx\n mov %rdi, %rsp\n mov %rsi, %rdi\n call probed\n mov %rbx, %rsp\n pop %rbx\n ret\n"
	".size call_at, . - call_at\n"
	"probed: lea 1(%rdi), %rax\n nop\n nop\n ret\n.size probed, . - probed\n");

static char *low[2]; /* the stacks' lowest bytes, above their guards */
static volatile int stop;
static volatile long alarms, elsewhere;
static const char *wrong;

static void make_stacks(void)
{
	for (int i = 0; i < 2; i++) {
		char *area = mmap(NULL, GUARD + STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		mprotect(area, GUARD, PROT_NONE);
		low[i] = area + GUARD;
	}
}

struct job {
	char *low;
	unsigned distance;
	int alarmed;
};

static void *computes(void *arg)
{
	static _Thread_local char other[32768];
	stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
	struct job *j = arg;
	sigset_t set;

	memset(j->low, PATTERN, STACK);
	sigaltstack(&stack, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	if (j->alarmed)
		pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	if (spin_at(j->low + j->distance, &stop, -1) <= 0)
		wrong = "the stack pointer was changed";
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (unsigned i = 0; i < (j->alarmed && j->distance > RED_ZONE ? 0 : STACK); i++)
		if (j->low[i] != PATTERN)
			wrong = "the stack was written to";
	return NULL;
}

static void both_compute(int alarmed)
{
	for (size_t i = 0; i < DISTANCES; i++) {
		struct job jobs[2] = {{low[0], distances[i], alarmed}, {low[1], distances[DISTANCES - 1 - i], alarmed}};
		struct timespec t = {0, 40000000};
		pthread_t threads[2];

		stop = 0;
		for (int n = 0; n < 2; n++)
			pthread_create(&threads[n], NULL, computes, &jobs[n]);
		nanosleep(&t, NULL);
		stop = 1;
		for (int n = 0; n < 2; n++)
			pthread_join(threads[n], NULL);
	}
}

static void alarmed(int signo)
{
	char here;

	alarms++;
	for (int i = 0; i < 2; i++)
		if (&here >= low[i] && &here < low[i] + STACK)
			elsewhere++;
}

static void with_signals(void)
{
	struct sigaction action = {.sa_handler = alarmed, .sa_flags = SA_ONSTACK | SA_RESTART};
	struct itimerval often = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	both_compute(1);
	setitimer(ITIMER_REAL, &never, NULL);
	if (!alarms)
		wrong = "no signal came";
	if (elsewhere)
		wrong = "a handler was on the wrong stack";
}

/* No call of the system's from when the signal falls due: it is to come all the same. */
static void late(void)
{
	struct itimerval once = {{0, 0}, {0, 10000}};
	static volatile int never;
	sigset_t set;

	signal(SIGALRM, alarmed);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarms = 0;
	setitimer(ITIMER_REAL, &once, NULL);
	spin_at(low[0] + 1024, &never, 200000000);
	for (long n = 0; n < 2000000000 && !alarms; n++)
		;
	if (!alarms)
		wrong = "a signal for which there was no room came no more";
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void calls(void)
{
	for (long n = 8; n <= 1024; n += 8)
		for (long i = 0; i < 4; i++)
			if (call_at(low[0] + n, n + i) != n + i + 1)
				wrong = "a wrong result";
}

/* On the stack for such calls, whose guard is the lowest page of 64 KiB. */
__attribute__((noinline, used)) long gate_near(long distance)
{
	uintptr_t slot = (uintptr_t)__builtin_frame_address(0) & ~65535UL;
	static volatile int never;

	return spin_at((char *)slot + 4096 + distance, &never, 1000000);
}

int main(void)
{
	char line[64];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	make_stacks();
	puts("ready");
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "quit\n")) {
		line[strcspn(line, "\n")] = '\0';
		wrong = NULL;
		if (!strcmp(line, "interrupts"))
			both_compute(0);
		else if (!strcmp(line, "signals"))
			with_signals();
		else if (!strcmp(line, "late"))
			late();
		else if (!strcmp(line, "calls"))
			calls();
		printf("%s %s\n", line, wrong ? wrong : "ok");
	}
	return 0;
}
