/* log_flood.c: makes the kernel say something as often as it can: faults in children, refusals, calls that do not exist,
 * programs that cannot be loaded. The log must stay bounded and the application undisturbed. */
#include "hostile.h"

#include <sys/socket.h>

int main(void)
{
	for (unsigned n = 0;; n++) {
		char name[64], *argv[] = { name, NULL };
		int fd;

		snprintf(name, sizeof(name), "/tmp/no-program-%u", n % 8);
		fd = open(name, O_WRONLY | O_CREAT, 0700);
		write(fd, "\177ELF", 4);
		close(fd);
		execv(name, argv);
		unlink(name);
		mkdir("/refused", 0700);
		socket(AF_INET, SOCK_STREAM, 0);
		kill(1, 9);
		syscall(300 + n % 200);
		if (n % 16 == 0 && fork() == 0)
			*(volatile int *) 8 = 1;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}
