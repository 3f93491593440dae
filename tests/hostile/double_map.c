/* double_map.c: the same memory mapped twice, writable here and executable there. */
#include "code.h"

static void attempt(const char *how, unsigned char *w, unsigned char *x)
{
	if (refused((long) w) || refused((long) x))
		return;
	memcpy(w, wrpkru, 3);
	if (!memcmp(x, wrpkru, 3))
		ESCAPED("%s", how);
}

int main(void)
{
	int fd = open("/tmp/double_map", O_RDWR | O_CREAT | O_TRUNC, 0700), zero = 0, mfd;
	unsigned char *w, *x;

	if (fd < 0 || ftruncate(fd, PAGE))
		return 99;
	w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	attempt("shared code", w, x);
	pwrite(fd, &zero, 3, 0);
	x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	attempt("private code", w, x);
	pwrite(fd, &zero, 3, 0);
	/* Mapped first, made executable later. */
	x = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (x != MAP_FAILED && executable(x, 1))
		attempt("a shared page becomes code", w, x);
	pwrite(fd, &zero, 3, 0);
	x = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	if (x != MAP_FAILED && executable(x, 1))
		attempt("a private page becomes code", w, x);
	mfd = syscall(SYS_memfd_create, "x", 0);
	if (mfd >= 0 && ftruncate(mfd, PAGE) == 0)
		attempt("memfd", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mfd, 0),
			mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, mfd, 0));
	/* Shared anonymous memory, of which a child keeps the writable side. */
	w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w != MAP_FAILED && executable(w, 1))
		ESCAPED("shared anonymous memory becomes code");
	/* Private memory that a fork shares: the child writes, the parent executes. */
	x = pages(0, 1, PROT_READ | PROT_WRITE);
	*x = 0xc3;
	if (fork() == 0) {
		memcpy(x, wrpkru, 3);
		usleep(20000);
		memcpy(x, wrpkru, 3);
		_exit(0);
	}
	usleep(10000);
	executable(x, 1);
	wait(NULL);
		if (!memcmp(x, wrpkru, 3))
		ESCAPED("a child writes its parent's code");
	unlink("/tmp/double_map");
	return held("memory writable here, executable there");
}
