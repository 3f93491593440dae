/* nscd_query.c: no name service daemon runs beside the application, so nothing is asked; musl's own would bring sockets,
 * and with them the network, into every image that looks up a user. What musl does where the daemon is not there: an
 * empty answer, a stream for the caller to close, errno as it was. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../nscd.h"

FILE *__nscd_query(int32_t req, const char *key, int32_t *buf, size_t len, int *swap)
{
	int old = errno;
	FILE *f;

	memset(buf, 0, len);
	*swap = 0;
	f = fopen("/dev/null", "re");
	if (f)
		errno = old;
	return f;
}
