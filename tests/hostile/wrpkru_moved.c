/* wrpkru_moved.c: two halves of WRPKRU, each executable where it is harmless, are brought side by side: by mremap, by
 * mapping over, by a file. */
#include "code.h"

int main(void)
{
	unsigned char *p = pages(0x20000000, 2, PROT_READ | PROT_WRITE), *q = pages(0x21000000, 1, PROT_READ | PROT_WRITE);
	int fd;

	p[PAGE - 2] = 0x0f;
	p[PAGE - 1] = 0x01;
	q[0] = 0xef;
	if (!executable(p, 1) || !executable(q, 1))
		printf("the halves are refused\n");
	munmap(p + PAGE, PAGE);
	if (!refused((long) mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE)))
		ESCAPED("mremap beside its half");

	/* The second half comes with a file. */
	fd = open("/tmp/wrpkru_moved", O_RDWR | O_CREAT | O_TRUNC, 0700);
	if (fd >= 0) {
		write(fd, "\xef", 1);
		ftruncate(fd, PAGE);
		if (!refused((long) mmap(p + PAGE, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0)))
			ESCAPED("a file's page beside its half");
		unlink("/tmp/wrpkru_moved");
	}

	/* A gap between them closes. */
	munmap(p, 2 * PAGE);
	p = pages(0x22000000, 3, PROT_READ | PROT_WRITE);
	p[PAGE - 1] = 0x0f;
	p[PAGE] = 0x01;
	p[PAGE + 1] = 0xef;
	executable(p, 1);
	if (executable(p + PAGE, 1))
		ESCAPED("after its beginning");
	munmap(p, 3 * PAGE);

	/* A copy of the process, in which the neighbour becomes executable. */
	p = pages(0x23000000, 2, PROT_READ | PROT_WRITE);
	p[PAGE - 2] = 0x0f;
	p[PAGE - 1] = 0x01;
	p[PAGE] = 0xef;
	executable(p, 1);
	if (fork() == 0)
		_exit(executable(p + PAGE, 1));
	if (wait(&fd) > 0 && fd != 0)
		ESCAPED("in a child (status %x)", fd);
	return held("halves of WRPKRU side by side");
}
