/* host_folder.c: with the grant `fs=rw`: out of the shared folder by `..`, symbolic links (its own, and two that the host's
 * side made: `out` and `absolute`), descriptors and renaming. Beside the folder lies `secret`, which nobody may reach. */
#include "hostile.h"

#include <sys/stat.h>

static void try_open(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDWR);

	if (fd < 0)
		fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	read(fd, text, sizeof(text) - 1);
	if (strstr(text, "outside"))
		ESCAPED("%s: read what is outside of the folder", path);
	if (write(fd, "changed", 7) == 7 && strstr(path, "host"))
		ESCAPED("%s: written", path);
	close(fd);
}

int main(void)
{
	static const char *const paths[] = { "/host/../secret", "/host/./../secret", "/host//..//secret", "/host/sub/../../secret",
					     "/host/out", "/host/absolute", "/host/up/secret", "/host/link", "/host/link2",
					     "/host/..", "/host/...", "/host/\xff../secret", "/host/sub/..%2f..%2fsecret", "/host/..\\secret" };
	char cwd[256] = "";
	struct stat a, b;
	int dir, fd;

	mkdir("/host/sub", 0700);
	symlink("../secret", "/host/link");
	symlink("../../secret", "/host/sub/link");
	symlink("..", "/host/up");
	symlink("/host/../secret", "/host/link2");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		try_open(paths[i]);
	try_open("/host/sub/link");
	dir = open("/host/sub", O_RDONLY | O_DIRECTORY);
	for (int depth = 0; depth < 5; depth++) {
		int up = openat(dir, "..", O_RDONLY | O_DIRECTORY);

		fd = openat(up, "secret", O_RDWR);
		if (fd >= 0)
			ESCAPED("openat of .. from a descriptor, %d up", depth + 1);
		/* Above the folder is the guest's root, not the host's: run-hostile.sh looks for it there. */
		close(openat(up, "evil", O_WRONLY | O_CREAT | O_EXCL, 0600));
		dir = up;
	}
	/* The folder one is in moves away below one. */
	mkdir("/host/sub/deep", 0700);
	if (chdir("/host/sub/deep") == 0) {
		rename("/host/sub/deep", "/host/deep");
		try_open("../secret");
		try_open("../../secret");
		chdir("..");
		getcwd(cwd, sizeof(cwd));
		if (chdir("..") == 0 && stat("secret", &a) == 0)
			ESCAPED("out by a folder that moved: %s", cwd);
		chdir("/");
	}
	if (rename("/host/../secret", "/host/mine") == 0 || link("/host/../secret", "/host/mine") == 0)
		ESCAPED("a name for what is outside");
	if (rename("/host/sub", "/host/../evil") == 0 && stat("/host/sub", &a) < 0 && stat("/evil", &b) < 0)
		ESCAPED("a folder was moved out");
	if (mknod("/host/device", S_IFBLK | 0600, 0x800) == 0)
		printf("a device's node was made: the host's matter\n");
	unlink("/host/device");
	unlink("/evil");
	unlink("/host/evil");
	unlink("/host/sub/evil");
	rmdir("/host/deep");
	unlink("/host/sub/link");
	rmdir("/host/sub");
	unlink("/host/link");
	unlink("/host/link2");
	unlink("/host/up");
	printf("nothing outside of /host was reached\n");
	return hostile_escaped;
}
