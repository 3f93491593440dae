/* wait.c: hello, which then stays, so that somebody can attach: it waits for ever. The first
 * line after the greeting is the memory that is free, for the comparison of images. */
#include <stdio.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec settle = {.tv_nsec = 300000000};
	struct sysinfo info;

	printf("Hello from uIO\n");
	fflush(stdout);
	nanosleep(&settle, NULL); /* what starts beside the application has started */
	sysinfo(&info);
	printf("free %lu\n", info.freeram * info.mem_unit);
	fflush(stdout);
	for (;;)
		pause();
}
