/* fuzz_cpio.c: names and data of any archive lie inside it, and reading comes to an end. */
#include "lib/cpio.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpio_entry e;
	struct cpio c;
	size_t entries = 0;

	cpio_open(&c, data, size);
	while (cpio_next(&c, &e) > 0) {
		const uint8_t *name = (const uint8_t *)e.name, *content = e.data;

		if (name < data || strlen(e.name) == 0 || name + strlen(e.name) >= data + size)
			abort();
		if (content < data || content > data + size || e.data_size > (size_t)(data + size - content))
			abort();
		if (++entries > size / 110)
			abort();
	}
	return 0;
}
