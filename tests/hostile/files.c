/* files.c: changes files outside /tmp without the grant `fs=rw`: directly, through links, descriptors and renaming. */
#include "hostile.h"

#include <sys/stat.h>

static void must_fail(const char *what, long r)
{
	if (r != -1)
		ESCAPED("%s gives %ld", what, r);
}

int main(void)
{
	char path[64];
	int fd;

	must_fail("creat in /", open("/evil", O_WRONLY | O_CREAT, 0600));
	must_fail("mkdir", mkdir("/evil", 0700));
	must_fail("unlink", unlink("/host/file"));
	must_fail("rename", rename("/host/file", "/host/evil"));
	must_fail("rename into /tmp", rename("/host/file", "/tmp/evil"));
	must_fail("symlink", symlink("/", "/evil"));
	must_fail("chmod", chmod("/host/file", 0777));
	must_fail("truncate", truncate("/host/file", 0));
	must_fail("write", open("/host/file", O_WRONLY));
	must_fail("read and write", open("/host/file", O_RDWR));
	must_fail("truncating open", open("/host/file", O_RDONLY | O_TRUNC));
	must_fail("append", open("/host/file", O_WRONLY | O_APPEND));
	/* Through a link in /tmp, where it may write. */
	unlink("/tmp/link");
	if (symlink("/host/file", "/tmp/link") == 0) {
		must_fail("write through a link", open("/tmp/link", O_WRONLY));
		must_fail("truncate through a link", truncate("/tmp/link", 0));
		must_fail("chmod through a link", chmod("/tmp/link", 0777));
		unlink("/tmp/link");
	}
	if (symlink("/host", "/tmp/dir") == 0) {
		must_fail("create through a link", open("/tmp/dir/evil", O_WRONLY | O_CREAT, 0600));
		unlink("/tmp/dir");
	}
	must_fail("dots", open("/tmp/../host/file", O_WRONLY));
	must_fail("hard link", link("/host/file", "/tmp/hard"));
	/* Through a descriptor that it has for reading. */
	fd = open("/host/file", O_RDONLY);
	if (fd < 0)
		return 99;
	must_fail("write to it", write(fd, "x", 1));
	must_fail("ftruncate", ftruncate(fd, 0));
	must_fail("fchmod", fchmod(fd, 0777));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must_fail("open it again", open(path, O_RDWR));
	must_fail("map it", mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	if (fcntl(fd, F_SETFL, O_RDWR) == 0)
		must_fail("write after F_SETFL", write(fd, "x", 1));
	/* What it may do. */
	fd = open("/tmp/mine", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		return 98;
	unlink("/tmp/mine");
	return hostile_escaped;
}
