/* xrstor.c WAY: loads PKRU from an XSAVE image and then reads the application's memory (argument 2).
 *	init	the image says nothing of PKRU: its initial value, all rights, would be loaded
 *	image	the image has a PKRU of zero: the CPU refuses it, since XCR0 leaves the component out
 *	signal	the kernel is to load it, from the frame of a signal handler
 *	fxrstor	the old instruction, whose image has no place for it: nothing changes */
#include "hostile.h"

#include <cpuid.h>
#include <ucontext.h>

#define PKRU_BIT (1UL << 9)

static unsigned char area[8192] __attribute__((aligned(64)));

static void restore(void)
{
	__asm__ volatile("xrstor64 %0" ::"m"(area), "a"(0xffffffff), "d"(0x7fffffff) : "memory");
}

static void put_pkru(unsigned char *at)
{
	unsigned a, b = 2688, c, d;

	__cpuid_count(0xd, 9, a, b, c, d);
	*(uint64_t *) (at + 512) |= PKRU_BIT;
	if (a && b < 4096)
		memset(at + b, 0, a);
}

static void handler(int signo, siginfo_t *info, void *context)
{
	put_pkru((unsigned char *) ((ucontext_t *) context)->uc_mcontext.fpregs);
}

int main(int argc, char **argv)
{
	struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
	volatile unsigned char *p = (volatile unsigned char *) number(argc, argv, 2);
	unsigned low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	if (low & PKRU_BIT)
		ESCAPED("XCR0 has PKRU: %x", low);
	__asm__ volatile("xsave64 %0" : "+m"(area) : "a"(-1), "d"(-1) : "memory");
	if (argc > 1 && !strcmp(argv[1], "init"))
		restore();
	if (argc > 1 && !strcmp(argv[1], "image")) {
		put_pkru(area);
		restore();
		ESCAPED("an image with PKRU was taken");
	}
	if (argc > 1 && !strcmp(argv[1], "fxrstor")) {
		put_pkru(area);
		__asm__ volatile("fxrstor64 %0" ::"m"(area) : "memory");
	}
	if (argc > 1 && !strcmp(argv[1], "signal")) {
		sigaction(SIGUSR1, &a, NULL);
		raise(SIGUSR1);
	}
	dprintf(2, "reading\n");
	ESCAPED("read 0x%02x", *p);
	return 1;
}
