/* wx.c: memory that is writable and executable, at once or one after the other in the wrong order. */
#include "code.h"

int main(void)
{
	unsigned char *p;
	int fd;

	if (mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		ESCAPED("mmap of writable code");
	p = pages(0, 1, PROT_READ | PROT_WRITE);
	if (mprotect(p, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0)
		ESCAPED("mprotect to writable code");
	*p = 0xc3;
	if (!executable(p, 1))
		return 98;
	((void (*)(void)) p)();
	if (mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0)
		ESCAPED("code becomes writable");
	/* Taking PROT_EXEC away first must not wash it clean. */
	mprotect(p, PAGE, PROT_READ);
	if (mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0 && (*p = 0x90, executable(p, 1)) && *p != 0x90)
		ESCAPED("code becomes writable by way of read-only");
	mprotect(p, PAGE, PROT_NONE);
	mprotect(p, PAGE, PROT_READ | PROT_WRITE);
	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
	/* The kernel does not write there for the program either. */
	fd = open("/proc/self/exe", O_RDONLY);
	if (fd >= 0 && read(fd, p, 16) > 0)
		ESCAPED("read() into code");
	if (syscall(SYS_getrandom, p, 16, 0) > 0)
		ESCAPED("getrandom() into code");
	fd = open("/proc/self/mem", O_RDWR);
	if (fd >= 0 && pwrite(fd, wrpkru, 3, (long) p) > 0)
		ESCAPED("/proc/self/mem");
	if (mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED)
		ESCAPED("code grows or moves");
	fflush(stdout);
	/* And at last a store: this ends the program. */
	executable(p, 1);
	*p = 0x90;
	ESCAPED("store into code");
	return 1;
}
