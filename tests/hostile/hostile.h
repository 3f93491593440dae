/* hostile.h: what the hostile programs share: how they say that an attack got through. run-hostile.sh fails a case that
 * prints ESCAPED, whatever else it does. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL

/* To the error stream at once, since the program may not live long. */
#define ESCAPED(...)                                     \
	do {                                             \
		dprintf(2, "ESCAPED: " __VA_ARGS__);     \
		dprintf(2, "\n");                        \
		hostile_escaped = 1;                     \
	} while (0)

static int hostile_escaped;
static unsigned hostile_refusals, hostile_errors[134]; /* by errno */

/* True, and counted, if a call was refused. For mmap() and its like: r is the address. */
static inline int refused(long r)
{
	if (r != -1)
		return 0;
	hostile_refusals++;
	hostile_errors[errno < 134 ? errno : 0]++;
	return 1;
}

/* The last line of a program that nothing ended: what it tried and with which errors that was refused. Its status. */
static inline int held(const char *what)
{
	if (hostile_escaped)
		return hostile_escaped;
	printf("%s: ", what);
	if (hostile_refusals)
		printf("%u calls refused", hostile_refusals);
	else
		printf("ended by itself, harmless");
	for (int i = 0; i < 134; i++)
		if (hostile_errors[i])
			printf(", %s", strerror(i));
	printf("\n");
	return 0;
}

/* Argument i as a number; runs of cases.tsv give addresses as @symbol, which the runner replaces. */
static inline unsigned long number(int argc, char **argv, int i)
{
	return i < argc ? strtoul(argv[i], NULL, 0) : 0;
}

#endif
