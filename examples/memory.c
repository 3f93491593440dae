/* memory.c: reads the running SQLite's own counters in place, without a call and without SQL. Needs the grant `read`.
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs -o memory memory.c
 *	uio exec --profile monitor --push memory NAME memory
 *
 * sqlite3Stat is a file-local variable of sqlite3.c (its first ten words are the values of sqlite3_status()). */
#include <stdio.h>

extern const char sqlite3_version[];
extern struct {
	long long now[10];
	long long high[10];
} sqlite3Stat;

int main(void)
{
	printf("SQLite %s: %lld bytes allocated, at most %lld so far\n", sqlite3_version, sqlite3Stat.now[0], sqlite3Stat.high[0]);
	return 0;
}
