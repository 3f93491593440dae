/* neighbour.c: a program that does nothing wrong and runs beside all others, with memory, a file without a name, pipes and
 * sockets of its own, until its input ends. It then says whether all is as it left it. */
#include "hostile.h"

#include <sys/socket.h>
#include <sys/un.h>

#define SIZE (16 * PAGE)

static void on_signal(int signo)
{
	static const char text[] = "the neighbour was sent a signal\n";

	write(1, text, sizeof(text) - 1);
	_exit(1);
}

static int listener(const char *name, int len)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(a.sun_path, name, len);
	if (bind(s, (void *) &a, 2 + len) || listen(s, 4))
		return -1;
	return s;
}

int main(void)
{
	char *memory = mmap((void *) 0x20000000, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int file = open("/tmp/neighbour", O_RDWR | O_CREAT | O_TRUNC, 0600), p[2];
	char c, text[8] = "";

	for (int i = 1; i <= 31; i++)
		signal(i, on_signal);
	for (unsigned long i = 0; i < SIZE; i += 8)
		memcpy(memory + i, "secret!", 8);
	if (file < 0 || write(file, "secret!", 8) != 8 || pipe(p) || write(p[1], "secret!", 8) != 8)
		return 99;
	unlink("/tmp/neighbour");
	if (listener("\0neighbour", 10) < 0)
		printf("no socket\n");
	printf("ready\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	for (unsigned long i = 0; i < SIZE; i += 8)
		if (memcmp(memory + i, "secret!", 8)) {
			printf("the neighbour's memory changed\n");
			return 1;
		}
	if (pread(file, text, 8, 0) != 8 || memcmp(text, "secret!", 8) || lseek(file, 0, SEEK_END) != 8 ||
	    read(p[0], text, 8) != 8 || memcmp(text, "secret!", 8)) {
		printf("the neighbour's files changed\n");
		return 1;
	}
	printf("the neighbour is well\n");
	return 0;
}
