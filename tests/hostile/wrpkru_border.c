/* wrpkru_border.c: WRPKRU across a page border, its two pages made executable one after the other, in both orders and at
 * both places where it can be cut. */
#include "code.h"

int main(void)
{
	for (int cut = 1; cut <= 2; cut++)
		for (int order = 0; order < 2; order++) {
			unsigned char *p = pages(0, 2, PROT_READ | PROT_WRITE);
			int first, second;

			memcpy(p + PAGE - cut, wrpkru, 3);
			first = executable(p + (order ? PAGE : 0), 1);
			second = executable(p + (order ? 0 : PAGE), 1);
			if (!first)
				ESCAPED("harmless half refused"); /* not an escape, but not right */
			if (second)
				ESCAPED("cut after %d bytes, order %d", cut, order);
			munmap(p, 2 * PAGE);
		}
	return held("WRPKRU across pages");
}
