/* fuzz.c SEED SECONDS: system calls at random, with random arguments of every kind, in children. */
#include "hostile.h"

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

int main(int argc, char **argv)
{
	uint64_t seed = number(argc, argv, 1);
	time_t end = time(NULL) + number(argc, argv, 2);
	unsigned children = 0;

	while (time(NULL) < end) {
		pid_t pid = fork();

		seed = seed * 6364136223846793005 + 1442695040888963407;
		if (pid == 0) {
			state = seed | 1;
			alarm(1);
			for (int i = 0; i < 400; i++) {
				long nr = rnd() % 460;

				if (nr == SYS_exit || nr == SYS_exit_group || nr == SYS_fork || nr == SYS_vfork || nr == SYS_clone ||
				    nr == SYS_pause || nr == SYS_rt_sigsuspend)
					continue;
				for (size_t k = 0; k < sizeof(scratch) / 8; k += 64)
					((uint64_t *) scratch)[k] = argument();
				syscall(nr, argument(), argument(), argument(), argument(), argument(), argument());
			}
			_exit(0);
		}
		/* It may have put its alarm off. */
		for (int i = 0; pid > 0 && waitpid(pid, NULL, WNOHANG) == 0; i++) {
			usleep(10000);
			if (i == 100)
				kill(pid, SIGKILL);
		}
		children++;
	}
	printf("%u children\n", children);
	return 0;
}
