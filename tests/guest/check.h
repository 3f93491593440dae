/* check.h: what the test programs that run as the unikernel's application share: one line a fact, and an exit status.
 */
#ifndef TESTS_GUEST_CHECK_H
#define TESTS_GUEST_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int check_failed;

/* The name is a sentence about behaviour. */
#define CHECK(name, condition)                                                                     \
	do {                                                                                       \
		if (condition)                                                                     \
			printf("ok - %s\n", name);                                                 \
		else {                                                                             \
			printf("not ok - %s (line %d: %s; errno %d)\n", name, __LINE__, #condition, errno); \
			check_failed = 1;                                                          \
		}                                                                                  \
		fflush(stdout);                                                                    \
	} while (0)

#endif
