/* syscall_loop.c: never leaves the kernel for long: long calls back to back, in two processes. Its time limit ends it. */
#include "hostile.h"

static char big[1 << 20];

int main(void)
{
	int fd = open("/tmp/syscall_loop", O_RDWR | O_CREAT | O_TRUNC, 0600);

	unlink("/tmp/syscall_loop");
	fork();
	for (;;) {
		pwrite(fd, big, sizeof(big), 0);
		pread(fd, big, sizeof(big), 0);
		syscall(SYS_getrandom, big, sizeof(big), 0);
		mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		munmap((void *) 0x20000000, 1 << 29);
	}
}
