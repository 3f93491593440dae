/* leak.c: looks for what others left behind: in fresh memory, on the stack, in vector registers. */
#include "hostile.h"

int main(void)
{
	unsigned char x[256];
	unsigned char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long *heap = (unsigned long *) syscall(SYS_brk, 0);
	char path[32] = "/tmp/leak";
	int fd;

	syscall(SYS_brk, heap + 65536 / 8);
	__asm__ volatile("movups %%xmm8, 0(%0); movups %%xmm9, 16(%0); movups %%xmm10, 32(%0); movups %%xmm11, 48(%0);"
			 "movups %%xmm12, 64(%0); movups %%xmm13, 80(%0); movups %%xmm14, 96(%0); movups %%xmm15, 112(%0)" ::"r"(x)
			 : "memory");
	for (int i = 0; i < 128; i++)
		if (x[i])
			ESCAPED("xmm%d has 0x%02x", 8 + i / 16, x[i]);
	for (size_t i = 0; i < 1 << 20; i++)
		if (p[i]) {
			ESCAPED("fresh memory, byte %zu", i);
			break;
		}
	for (size_t i = 0; i < 65536 / 8; i++)
		if (heap[i]) {
			ESCAPED("heap, word %zu: %lx", i, heap[i]);
			break;
		}
	/* A hole in a file. */
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0 && pwrite(fd, "x", 1, 100000) == 1 && pread(fd, p, 100000, 0) == 100000)
		for (size_t i = 0; i < 100000; i++)
			if (p[i]) {
				ESCAPED("a file's hole, byte %zu", i);
				break;
			}
	unlink(path);
	return held("what others left in memory and registers");
}
