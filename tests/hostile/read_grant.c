/* read_grant.c ADDRESS: with the grant `read` alone: every way for the kernel to write to the application's memory. */
#include "hostile.h"

#include <sys/stat.h>
#include <sys/uio.h>

static void *at;

static void must_fault(const char *what, long r)
{
	if (r != -1 || errno != EFAULT)
		ESCAPED("%s gives %ld (errno %d)", what, r, errno);
}

int main(int argc, char **argv)
{
	struct iovec iov;
	int p[2], zero = open("/dev/zero", O_RDONLY);
	unsigned long word;

	at = (void *) number(argc, argv, 1);
	iov = (struct iovec){ at, 8 };
	if (pipe(p) || write(p[1], at, 8) != 8 || read(p[0], &word, 8) != 8 || word != *(unsigned long *) at)
		return 99; /* reading is granted, to the kernel too */
	write(p[1], &word, 8);
	must_fault("read of a pipe", read(p[0], at, 8));
	must_fault("readv", readv(p[0], &iov, 1));
	if (zero >= 0)
		must_fault("read of zeros", read(zero, at, 8));
	must_fault("getrandom", syscall(SYS_getrandom, at, 8, 0));
	must_fault("fstat", syscall(SYS_fstat, p[0], at));
	must_fault("pipe2", syscall(SYS_pipe2, at, 0));
	must_fault("clock_gettime", syscall(SYS_clock_gettime, 1, at));
	must_fault("uname", syscall(SYS_uname, at));
	must_fault("getcwd", syscall(SYS_getcwd, at, 64));
	must_fault("rt_sigprocmask", syscall(SYS_rt_sigprocmask, 0, NULL, at, 8));
	must_fault("sigaltstack", syscall(SYS_sigaltstack, NULL, at));
	must_fault("ioctl", syscall(SYS_ioctl, p[0], 0x541b, at));
	printf("16 ways to write, each refused\n");
	return hostile_escaped;
}
