/* tidy.c KEEP...: removes what programs that were killed have left: everything in /tmp, and everything in / but KEEP.
 * Folders may lie deeper in one another than a path or a stack can say, so it walks. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

static int is_kept(const char *name)
{
	for (int i = 1; i < argument_count; i++)
		if (!strcmp(name, arguments[i]))
			return 1;
	return 0;
}

/* Of the current folder. True: `into` is a folder in it that is not empty. */
static int remove_all(int root, char *into)
{
	DIR *d = opendir(".");
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && !(root && is_kept(e->d_name)) && unlink(e->d_name) &&
		    rmdir(e->d_name)) {
			strcpy(into, e->d_name);
			found = 1;
		}
	if (d)
		closedir(d);
	return found;
}

static int tidy(const char *top)
{
	struct stat at, here;
	char into[256];

	if (chdir(top) || stat(".", &at))
		return -1;
	for (;;) {
		if (remove_all(!strcmp(top, "/") && stat(".", &here) == 0 && here.st_ino == at.st_ino, into)) {
			if (chdir(into)) {
				perror(into);
				return -1;
			}
		} else if (stat(".", &here) || (here.st_ino == at.st_ino && here.st_dev == at.st_dev)) {
			return 0;
		} else if (chdir("..")) {
			return -1;
		}
	}
}

int main(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
	return tidy("/tmp") || tidy("/");
}
