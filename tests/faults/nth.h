/* nth.h: what an application may ask of nth.c: that an allocation of the kernel's, made for the application or the network,
 * fails. While it is armed the application must touch no new memory of its own: that would fail, too. */
#ifndef UIO_TESTS_NTH_H
#define UIO_TESTS_NTH_H

#include <stdbool.h>

/* The n-th allocation from now on fails, n > 0. */
void nth_arm(long n);
/* No more; true if one has failed. */
bool nth_disarm(void);

#endif
