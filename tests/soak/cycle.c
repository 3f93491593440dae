/* cycle.c: a program with something of everything: memory, a thread, a child, files, a pipe. Prints its rights (PKRU),
 * which are the same in each run, whatever ran before. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf without_keys;

static void *work(void *p)
{
	return memset(p, 1, 100000);
}

static void on_illegal(int sig)
{
	siglongjmp(without_keys, sig);
}

static void print_rights(void)
{
	unsigned rights, none;

	signal(SIGILL, on_illegal);
	if (sigsetjmp(without_keys, 1) == 0) {
		__asm__ volatile("rdpkru" : "=a"(rights), "=d"(none) : "c"(0));
		printf("cycled, rights 0x%08x\n", rights);
	} else {
		printf("cycled, rights without keys\n");
	}
}

int main(void)
{
	pthread_t t;
	int p[2], fd = open("/tmp/cycle", O_RDWR | O_CREAT, 0600);

	pthread_create(&t, NULL, work, malloc(100000));
	pthread_join(t, NULL);
	if (pipe(p) || write(p[1], "x", 1) != 1 || write(fd, p, 8) != 8)
		return 1;
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	unlink("/tmp/cycle");
	print_rights();
	return 0;
}
