/*
 * insn_check.c: compares insn_length() with objdump: reads lines of bytes in hexadecimal digits, one instruction a
 * line. Prints "N instructions, N unknown, N wrong", and the first wrong ones; exit 1 if there are any.
 */
#include <stdio.h>
#include <stdlib.h>

#include "trace/insn.h"

int main(void)
{
	unsigned long count = 0, unknown = 0, wrong = 0;
	char line[256];

	while (fgets(line, sizeof(line), stdin)) {
		uint8_t code[32] = {0};
		int n = 0, length;
		char *at = line, *end;

		for (;;) {
			unsigned long byte = strtoul(at, &end, 16);

			if (end == at || n == 16)
				break;
			code[n++] = (uint8_t)byte;
			at = end;
		}
		if (n == 0)
			continue;
		count++;
		/* More bytes follow, as they do in memory. */
		length = insn_length(code, sizeof(code));
		unknown += length < 0;
		if (length >= 0 && length != n && wrong++ < 10)
			printf("wrong: %d for %s", length, line);
	}
	printf("%lu instructions, %lu unknown, %lu wrong\n", count, unknown, wrong);
	return wrong > 0 || count == 0;
}
