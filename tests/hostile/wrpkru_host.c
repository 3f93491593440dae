/* wrpkru_host.c: maps a harmless file of the host's folder as code; then the host changes it into WRPKRU (run-hostile.sh does,
 * when it sees /host/change). Neither the mapping nor pages of it that come later may show that. */
#include "code.h"

int main(void)
{
	int fd = open("/host/code", O_RDONLY), asked;
	unsigned char *code, byte = 0;

	if (fd < 0)
		return 99;
	code = mmap(NULL, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	asked = open("/host/change", O_WRONLY | O_CREAT, 0600);
	if (asked < 0)
		return 98;
	close(asked);
	for (int i = 0; i < 200 && byte != 0x0f; i++) {
		usleep(50000);
		close(fd);
		fd = open("/host/code", O_RDONLY);
		pread(fd, &byte, 1, PAGE);
	}
	if (byte != 0x0f)
		return 97;
	if (code == MAP_FAILED) {
		printf("a file of the host's is not mapped as code\n");
		code = mmap(NULL, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
		if (code == MAP_FAILED) {
			printf("the host changed the file; it is not code\n");
			return 0;
		}
	}
	madvise(code, 2 * PAGE, MADV_DONTNEED);
	for (int at = 0; at < 2 * PAGE - 2; at += PAGE)
		if (!memcmp(code + at, wrpkru, 3))
			ESCAPED("executable memory follows the host's file");
	printf("the host changed the file; the code did not follow\n");
	return hostile_escaped;
}
