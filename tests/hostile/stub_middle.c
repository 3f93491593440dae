/* stub_middle.c: jumps to each byte of its gate's stub but the first, with numbers of gates that it has not got in the
 * registers. The stub may do what a `syscall` of the program's own could, and no more. */
#include "hostile.h"

int victim_add(int a, int b);

static void on_fault(int signo)
{
	_exit(3);
}

int main(void)
{
	unsigned returned = 0, ended = 0;

	if (victim_add(20, 22) != 42)
		return 99;
	for (int at = 1; at < 16; at++)
		for (long nr = 0x10001; nr < 0x10005; nr++) {
			pid_t pid = fork();
			int status = 0;

			if (pid == 0) {
				long r = nr;

				signal(SIGSEGV, on_fault);
				signal(SIGILL, on_fault);
				signal(SIGTRAP, on_fault);
				signal(SIGBUS, on_fault);
				alarm(1);
				__asm__ volatile("call *%1" : "+a"(r) : "r"((char *) victim_add + at), "D"(1L), "S"(1L) : "rcx", "rdx", "r10", "r11", "memory");
				/* The gate itself, reached past its first byte, is the one that it has. */
				_exit(r < 0 || r == nr ? 5 : r == 2 ? 4 : 6);
			}
			waitpid(pid, &status, 0);
			if (WIFEXITED(status) && WEXITSTATUS(status) == 6)
				ESCAPED("offset %d, number 0x%lx: another result", at, nr);
			if (WIFEXITED(status) && WEXITSTATUS(status) != 3)
				returned++;
			else
				ended++;
		}
	printf("%u returned, %u ended\n", returned, ended);
	return hostile_escaped;
}
