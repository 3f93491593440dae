/*
 * paths.c: see paths.h.
 */
#include "host/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/util.h"

/* What run_dir_make() appends to the base: "/NAME-XXXXXX", and the longest socket name. */
#define RUN_DIR_TAIL	(1 + 40 + 7 + sizeof("/shell.sock"))

const char *state_home(void)
{
	static char *path;
	const char *xdg = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	int r;

	if (path)
		return path;
	/* The XDG base directory specification: a relative path is to be ignored. */
	if (xdg && xdg[0] == '/')
		path = xasprintf("%s/uio", xdg);
	else
		path = xasprintf("%s/.local/state/uio", home && home[0] ? home : "/tmp");
	r = make_dirs(path, 0700);
	if (r < 0)
		die(125, "%s: %s", path, strerror(-r));
	return path;
}

/* A directory in /tmp may have been put there by anybody. */
static void check_private(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		die(125, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != getuid())
		die(125, "%s is not a directory of yours; set XDG_RUNTIME_DIR to another place", path);
	if (st.st_mode & 077)
		chmod(path, 0700);
}

char *run_dir_make(const char *name)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	size_t max = sizeof(((struct sockaddr_un *)0)->sun_path);
	char *base = NULL;
	char *dir;

	if (xdg && xdg[0] == '/' && strlen(xdg) + sizeof("/uio") + RUN_DIR_TAIL <= max) {
		base = xasprintf("%s/uio", xdg);
		if (make_dirs(base, 0700) < 0) {
			free(base);
			base = NULL;
		}
	}
	if (!base) {
		base = xasprintf("/tmp/uio-%ld", (long)getuid());
		make_dirs(base, 0700);
	}
	check_private(base);
	dir = xasprintf("%s/%s-XXXXXX", base, name);
	if (!mkdtemp(dir))
		die(125, "%s: %s", dir, strerror(errno));
	free(base);
	return dir;
}

char *beside_binary(const char *relative)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return xasprintf("%s/%s", exe, relative);
}
