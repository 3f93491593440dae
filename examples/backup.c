/* backup.c: an online backup of the database that the running SQLite shell has open, by the application's own functions,
 * each called through a gate. The shell answers between the steps. Needs the grants `read` and `call`.
 *
 *	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs -o backup backup.c
 *	uio exec --grant read,call --push backup NAME backup /host/backup.db
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define SQLITE_OK 0
#define SQLITE_BUSY 5
#define SQLITE_LOCKED 6
#define SQLITE_DONE 101
#define PAGES_A_STEP 4
#define REST_US 50000 /* between steps, so that the application is not held up */
#define TRIES_MAX 2000

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_backup sqlite3_backup;

/* The application's: a file-local variable of its shell, and functions of its library. */
extern sqlite3 *globalDb;
int sqlite3_open(const char *path, sqlite3 **ret_db);
int sqlite3_close(sqlite3 *db);
const char *sqlite3_errmsg(sqlite3 *db);
sqlite3_backup *sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name);
int sqlite3_backup_step(sqlite3_backup *b, int pages);
int sqlite3_backup_remaining(sqlite3_backup *b);
int sqlite3_backup_pagecount(sqlite3_backup *b);
int sqlite3_backup_finish(sqlite3_backup *b);

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/host/backup.db";
	sqlite3_backup *b;
	sqlite3 *to = NULL;
	int r, steps = 0, pages = 0;

	if (!globalDb) {
		fprintf(stderr, "backup: the shell has no database open\n");
		return 1;
	}
	if (sqlite3_open(path, &to) != SQLITE_OK) {
		fprintf(stderr, "backup: %s cannot be opened\n", path);
		return 1;
	}
	b = sqlite3_backup_init(to, "main", globalDb, "main");
	if (!b) {
		fprintf(stderr, "backup: it cannot be begun\n");
		sqlite3_close(to);
		return 1;
	}
	/* A gate answers -EAGAIN while the application is busy; a lock that it holds gives BUSY or LOCKED. */
	do {
		r = sqlite3_backup_step(b, PAGES_A_STEP);
		if (r == SQLITE_OK || r == SQLITE_DONE)
			pages = sqlite3_backup_pagecount(b);
		if (r == SQLITE_OK)
			usleep(REST_US);
		else if (r == SQLITE_BUSY || r == SQLITE_LOCKED || r == -EAGAIN)
			usleep(1000);
	} while (r != SQLITE_DONE && (r == SQLITE_OK || r == SQLITE_BUSY || r == SQLITE_LOCKED || r == -EAGAIN) &&
		 ++steps < TRIES_MAX);
	sqlite3_backup_finish(b);
	sqlite3_close(to);
	if (r != SQLITE_DONE) {
		fprintf(stderr, "backup: stopped after %d steps, SQLite's code %d\n", steps, r);
		return 1;
	}
	printf("%d pages to %s in %d steps\n", pages, path, steps + 1);
	return 0;
}
