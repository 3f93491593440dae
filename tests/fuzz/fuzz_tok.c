/* fuzz_tok.c: any line splits into words that lie inside it, or is refused. */
#include "lib/tok.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	char *argv[WORDS_MAX + 1];
	int n;

	memcpy(line, data, size);
	line[size] = '\0';
	n = tok_split(line, argv, WORDS_MAX);
	if (n > WORDS_MAX || (n >= 0 && argv[n]))
		abort();
	for (int i = 0; i < n; i++) {
		if (argv[i] < line || argv[i] + strlen(argv[i]) > line + size)
			abort();
	}
	free(line);
	return 0;
}
