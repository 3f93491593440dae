/* redis_stats.c: reads the running Redis's own statistics in place: no client, no network, no command that Redis would have
 * to answer. Needs the grant `read`. The structures are those of Redis's headers, so it is compiled against them:
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs $INCLUDES -o redis_stats redis_stats.c
 *	uio exec --profile monitor --push redis_stats NAME redis_stats [SECONDS]
 *
 * With SECONDS it prints a line each second, that many times. */
#include "server.h"

#undef printf /* server.h has a printf of its own for commands of Redis's */

extern struct redisServer server;

int main(int argc, char **argv)
{
	int lines = argc > 1 ? atoi(argv[1]) : 1;

	for (int i = 0; i < lines; i++) {
		if (i)
			sleep(1);
		printf("commands %lld, connections %lld, clients %lu, keys %lu\n", server.stat_numcommands,
		       server.stat_numconnections, listLength(server.clients), dictSize(server.db[0].dict));
		fflush(stdout);
	}
	return 0;
}
