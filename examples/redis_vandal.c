/* redis_vandal.c: a hostile program: it overwrites the running Redis's state. Without the grant `write` it gets nowhere; it
 * alone ends, and no client of Redis notices.
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs -o redis_vandal redis_vandal.c
 *	uio exec --profile monitor --push redis_vandal NAME redis_vandal
 */
#include <string.h>

extern char server[4096]; /* the beginning of it */

int main(void)
{
	memset(server, 0, sizeof(server));
	return 0;
}
