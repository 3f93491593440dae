/* names.c FOLDER: file names of every byte that a terminal or a log might take for more than a letter: made, looked up,
 * listed, and refused where the kernel prints them. */
#include "hostile.h"

#include <dirent.h>
#include <sys/prctl.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	static const char *const strange[] = { "\x1b[2Jescape", "new\nline", "\x1b]0;title\x07", "bell\a", "back\b\b\b\bspace", "\x9b" "31m",
					       "return\rover", "\xff\xfe", "\xc0\xaf..\xc0\xaf", "quote\"'`$(x)", " ", "-rf", "~", "...", "\x7f" };
	const char *folder = argc > 1 ? argv[1] : "/tmp";
	char path[600], name[256];
	unsigned made = 0, seen = 0;
	struct dirent *e;
	DIR *d;

	/* Another of these may run. */
	snprintf(path, sizeof(path), "%s/names-%d", folder, (int) getpid());
	mkdir(path, 0700);
	if (chdir(path) < 0)
		return 99;
	for (int c = 1; c < 256; c++) {
		int fd;

		if (c == '/')
			continue;
		snprintf(name, sizeof(name), "n%c%c", c, c == '.' ? 'x' : c);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		made += fd >= 0;
		close(fd);
	}
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		int fd = open(strange[i], O_WRONLY | O_CREAT | O_EXCL, 0600);

		made += fd >= 0;
		close(fd);
		symlink(strange[i], "link");
		readlink("link", name, sizeof(name));
		unlink("link");
		/* What is refused is printed with its name; a process's name is in reports. */
		snprintf(path, sizeof(path), "/%s", strange[i]);
		if (mkdir(path, 0700) == 0)
			rmdir(path);
		prctl(PR_SET_NAME, strange[i], 0, 0, 0);
		if (fork() == 0)
			syscall(400 + i);
		else
			continue;
		__asm__ volatile("ud2");
	}
	while (wait(NULL) > 0)
		;
	/* Too long, and as long as may be. */
	memset(name, '\x1b', 255);
	name[255] = 0;
	close(open(name, O_WRONLY | O_CREAT, 0600));
	unlink(name);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	if (open(path, O_WRONLY | O_CREAT, 0600) >= 0)
		ESCAPED("a name of 599 bytes");
	d = opendir(".");
	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) {
			struct stat st;

			seen += lstat(e->d_name, &st) == 0;
		}
	rewinddir(d);
	while ((e = readdir(d)))
		unlink(e->d_name);
	closedir(d);
	chdir("..");
	snprintf(path, sizeof(path), "names-%d", (int) getpid());
	rmdir(path);
	if (seen != made)
		ESCAPED("%u made, %u seen", made, seen);
	printf("%u names\n", made);
	return hostile_escaped;
}
