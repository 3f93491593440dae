/* domain.c COUNT: what crossing a border costs a program for the overlay, in nanoseconds of its clock, one line each: a
 * system call that does nothing; a call of a function of the application's that does nothing; a switch to another
 * process, which has a window of its own; the way of 1 MiB from data to code, which is the scan for WRPKRU, beside
 * the same pages made read-only. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1 << 20)
#define SCANS 8

int domain_nothing(void);

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double protect_ns(uint8_t *code, int prot)
{
	double start = now_ns();

	if (mprotect(code, MIB, prot) < 0)
		exit(2);
	return now_ns() - start;
}

/* Bytes as in code: libc's own, again and again. */
static double scan_ns(int prot)
{
	double sum = 0;

	for (int i = 0; i < SCANS; i++) {
		uint8_t *code = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (code == MAP_FAILED)
			exit(2);
		for (int at = 0; at < MIB; at += 4096)
			memcpy(code + at, (uint8_t *)((uintptr_t)printf & ~4095UL), 4096);
		sum += protect_ns(code, prot);
		munmap(code, MIB);
	}
	return sum / SCANS;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 10000, status;
	double start;
	pid_t child;

	domain_nothing(); /* makes the gate's stack */
	start = now_ns();
	for (int i = 0; i < count; i++)
		syscall(SYS_getppid);
	printf("syscall %.1f\n", (now_ns() - start) / count);
	start = now_ns();
	for (int i = 0; i < count; i++)
		domain_nothing();
	printf("call %.1f\n", (now_ns() - start) / count);
	printf("scan %.1f\n", scan_ns(PROT_READ | PROT_EXEC) - scan_ns(PROT_READ));
	fflush(stdout);

	child = fork();
	start = now_ns();
	for (int i = 0; i < count; i++)
		sched_yield();
	if (child == 0)
		_exit(0);
	waitpid(child, &status, 0);
	/* Each of the two has given the CPU away so many times. */
	printf("switch %.1f\n", (now_ns() - start) / (2.0 * count));
	return 0;
}
