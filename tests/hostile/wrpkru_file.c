/* wrpkru_file.c: maps a harmless file as code and then writes WRPKRU into the file: the mapping must not follow. */
#include "code.h"

static void try(const char *what, unsigned char *code)
{
	if (!memcmp(code, wrpkru, 3))
		ESCAPED("executable memory follows the file: %s", what);
}

int main(void)
{
	int fd = open("/tmp/wrpkru_file", O_RDWR | O_CREAT | O_TRUNC, 0700);
	unsigned char *code, *alias;
	unsigned char ret = 0xc3;

	if (fd < 0 || ftruncate(fd, PAGE) || pwrite(fd, &ret, 1, 0) != 1)
		return 99;
	alias = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	code = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (code == MAP_FAILED) {
		refused(-1);
		held("a file as code");
		return 0;
	}
	pwrite(fd, wrpkru, 3, 0);
	try("write", code);
	if (alias != MAP_FAILED) {
		memcpy(alias, wrpkru, 3);
		try("a shared mapping", code);
	}
	/* Pages that were dropped come anew, but not as code. */
	madvise(code, PAGE, MADV_DONTNEED);
	try("madvise", code);
	ftruncate(fd, 0);
	ftruncate(fd, PAGE);
	pwrite(fd, wrpkru, 3, 0);
	try("truncation", code);
	((void (*)(void)) code)();
	unlink("/tmp/wrpkru_file");
	return held("code that follows its file");
}
