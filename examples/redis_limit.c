/* redis_limit.c: sets the limit of memory of the running Redis by calling one of its functions through a gate, the one that
 * reads lines of its configuration file. Needs the grants `read` and `call` (the profile `debug` has both).
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs $INCLUDES -o redis_limit redis_limit.c
 *	uio exec --profile debug --push redis_limit NAME redis_limit 64mb
 */
#include "server.h"

#undef printf
#undef fprintf

extern struct redisServer server;
void loadServerConfigFromString(char *config);

int main(int argc, char **argv)
{
	char line[64];
	char *unit;

	/* Redis ends at a line that it does not understand, so nothing else than a size may get there. */
	if (argc != 2 || strlen(argv[1]) > 20 || strtoull(argv[1], &unit, 10) == 0 ||
	    (strcmp(unit, "") && strcmp(unit, "kb") && strcmp(unit, "mb"))) {
		fprintf(stderr, "redis_limit: SIZE, SIZEkb or SIZEmb is wanted\n");
		return 2;
	}
	snprintf(line, sizeof(line), "maxmemory %s", argv[1]);
	printf("maxmemory was %llu\n", server.maxmemory);
	loadServerConfigFromString(line);
	printf("maxmemory is %llu\n", server.maxmemory);
	return 0;
}
