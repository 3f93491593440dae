/* calls.c: for each byte of standard input that is no newline: a known number of system calls, with known arguments. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

__attribute__((noinline, noipa)) long work(long n, const char *name)
{
	for (volatile long i = 0; i < n * 100; i = i + 1)
		;
	return -n;
}

static void round_of_calls(void)
{
	const struct timespec wait = {0, 10000000};
	char buf[16];
	struct stat st;
	int fds[2];

	for (int i = 0; i < 300; i++)
		close(-1);
	for (int i = 0; i < 50; i++)
		open("/no/such\tfile", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	for (int i = 0; i < 100; i++)
		getppid();
	for (int i = 0; i < 20; i++)
		nanosleep(&wait, NULL);
	stat("/", &st);
	pipe(fds);
	write(fds[1], "five\n\"", 6);
	read(fds[0], buf, sizeof(buf));
	close(fds[0]);
	close(fds[1]);
	for (long i = 1; i <= 64; i++)
		work(i, i % 4 ? "often" : "now and then");
	write(1, "done\n", 5);
}

int main(void)
{
	char c;

	write(1, "ready\n", 6);
	while (read(0, &c, 1) == 1)
		if (c != '\n')
			round_of_calls();
	return 0;
}
