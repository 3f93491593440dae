/* wrpkru_made.c: writes WRPKRU into memory of its own at every place of a page and tries to make it executable, alone and
 * together with a neighbour. */
#include "code.h"

int main(void)
{
	for (unsigned at = 0; at <= PAGE - 3; at += at < 8 || at > PAGE - 16 ? 1 : 509) {
		unsigned char *p = pages(0, 2, PROT_READ | PROT_WRITE);

		memcpy(p + at, wrpkru, 3);
		if (executable(p, 1) || executable(p, 2))
			ESCAPED("at byte %u", at);
		munmap(p, 2 * PAGE);
	}
	return held("WRPKRU in own memory");
}
