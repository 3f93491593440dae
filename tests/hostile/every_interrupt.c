/* every_interrupt.c: `int N` for all 256 vectors: each ends its process, whether the vector is a fault's, a device's or
 * nobody's; and the vectors that Linux has for programs (3, 4) give their signals. */
#include "hostile.h"

int main(void)
{
	unsigned ended = 0;

	for (int n = 0; n < 256; n++) {
		pid_t pid = fork();
		int status = 0;

		if (pid == 0) {
			unsigned char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

			code[0] = 0xcd;
			code[1] = (unsigned char) n;
			code[2] = 0xc3;
			if (mprotect(code, PAGE, PROT_READ | PROT_EXEC))
				_exit(98);
			((void (*)(void)) code)();
			_exit(7);
		}
		if (waitpid(pid, &status, 0) != pid)
			return 97;
		if (WIFSIGNALED(status))
			ended++;
		else if (WEXITSTATUS(status) != 7 || (n != 3 && n != 4))
			ESCAPED("int %d: status %x", n, status);
	}
	printf("%u of 256 ended their process\n", ended);
	return hostile_escaped;
}
