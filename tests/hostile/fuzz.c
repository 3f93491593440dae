/* fuzz.c SEED CALLS: so many system calls at random, with random arguments of every kind, in children. Nine of ten are in
 * the kernel's table (calls.h). SEED 0: another one each time. It is printed first: the same seed makes the same calls. */
#include "hostile.h"

#include <sys/random.h>
#include <sys/time.h>

static const int calls[] = {
#define CALL(nr, name, args) nr,
#include "calls.h"
};

#define CALLS_EACH 400 /* in one child */
#define STUCK_MS 120

static uint64_t state;

static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static char scratch[65536] __attribute__((aligned(4096)));

static unsigned long argument(void)
{
	switch (rnd() % 12) {
	case 0: return rnd() % 16;
	case 1: return rnd() % 4096;
	case 2: return -(rnd() % 16);
	case 3: return (unsigned long) scratch + rnd() % sizeof(scratch);
	case 4: return 1UL << (rnd() % 64);
	case 5: return (1UL << (rnd() % 64)) - 1;
	case 6: return 0x40000000 + rnd() % 0x400000;
	case 7: return 0x100000000000 + rnd() % 0x1000000;
	case 8: return 0x3ffffff0 + rnd() % 32;
	case 9: return 0xffff800000000000 + rnd() % 0x4000000;
	case 10: return (unsigned long) scratch & ~(PAGE - 1);
	default: return rnd();
	}
}

/* It would end or copy the child, or take the whole of it away from the parent. */
static int skipped(long nr)
{
	return nr == SYS_exit || nr == SYS_exit_group || nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone;
}

static int signals(long nr)
{
	return nr == SYS_kill || nr == SYS_tkill || nr == SYS_tgkill || nr == SYS_rt_sigqueueinfo || nr == SYS_rt_tgsigqueueinfo;
}

static void on_alarm(int signo) {}

static void child(volatile unsigned long *made)
{
	struct itimerval tick = { { 0, 4000 }, { 0, 4000 } };
	struct sigaction a = { .sa_handler = on_alarm };

	setsid();
	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (int i = 0; i < CALLS_EACH; i++) {
		long nr = rnd() % 10 ? calls[rnd() % (sizeof(calls) / sizeof(calls[0]))] : rnd() % 460;

		for (size_t k = 0; k < sizeof(scratch) / 8; k += 64)
			((uint64_t *) scratch)[k] = argument();
		if (skipped(nr))
			continue;
		++*made;
		/* Signals go to itself: kill_app.c has the others. */
		syscall(nr, signals(nr) ? getpid() : argument(), argument(), argument(), argument(), argument(), argument());
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	uint64_t seed = number(argc, argv, 1), at;
	unsigned long wanted = number(argc, argv, 2), seen;
	volatile unsigned long *made = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned children = 0;

	while (!seed)
		getrandom(&seed, sizeof(seed), 0);
	printf("seed 0x%lx\n", seed);
	fflush(stdout);
	at = seed;
	while (*made < wanted) {
		pid_t pid = fork();

		at = at * 6364136223846793005 + 1442695040888963407;
		if (pid == 0) {
			state = at | 1;
			child(made);
		}
		seen = *made;
		/* It may have put its alarm off. */
		for (int quiet = 0; pid > 0 && waitpid(pid, NULL, WNOHANG) == 0; seen = *made) {
			usleep(1000);
			quiet = seen == *made ? quiet + 1 : 0;
			if (quiet == STUCK_MS)
				kill(pid, SIGKILL);
		}
		children++;
	}
	printf("%lu calls in %u children\n", *made, children);
	return 0;
}
