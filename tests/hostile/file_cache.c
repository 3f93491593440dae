/* file_cache.c: maps and unmaps a large file of the host's, piece by piece, while it stays open. What nobody maps any more
 * must not stay in memory: it would be on nobody's account. */
#include "hostile.h"

#define NAME "/host/large"
#define PIECE (2UL << 20)
#define PIECES 24

int main(void)
{
	int fd = open(NAME, O_RDWR | O_CREAT, 0600), r = 0;

	if (fd < 0 || ftruncate(fd, PIECE * PIECES))
		return 1;
	for (off_t i = 0; i < PIECES && r == 0; i++) {
		char *p = mmap(NULL, PIECE, PROT_READ, MAP_PRIVATE, fd, i * PIECE);

		if (p == MAP_FAILED) {
			ESCAPED("piece %d: no memory is left: %s", (int) i, strerror(errno));
			r = 1;
		} else {
			munmap(p, PIECE);
		}
	}
	unlink(NAME);
	return r ? r : held("a large file mapped piece by piece");
}
