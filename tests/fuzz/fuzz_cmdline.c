/* fuzz_cmdline.c: any boot command line leaves a usable result: counts within their limits, every string readable. */
#include "lib/cmdline.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct cmdline c;
static volatile size_t sink;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);

	memcpy(line, data, size);
	line[size] = '\0';
	cmdline_parse(line, &c);
	if (c.device_count > CMDLINE_DEVICES_MAX || c.option_count > CMDLINE_OPTIONS_MAX ||
	    c.arg_count > CMDLINE_ARGS_MAX || c.args[c.arg_count])
		abort();
	for (size_t i = 0; i < c.device_count; i++) {
		if (c.devices[i].size == 0 || c.devices[i].address + c.devices[i].size < c.devices[i].address)
			abort();
	}
	for (size_t i = 0; i < c.option_count; i++) {
		const char *key = c.options[i].key, *value, *last = NULL;
		size_t at = 0, found = 0;

		sink = strlen(key) + strlen(c.options[i].value);
		while ((value = cmdline_get_next(&c, key, &at))) {
			last = value;
			if (++found > c.option_count)
				abort();
		}
		if (!last || cmdline_get(&c, key) != last)
			abort();
	}
	if (cmdline_get(&c, "no such option!"))
		abort();
	for (size_t i = 0; i < c.arg_count; i++)
		sink = strlen(c.args[i]);
	free(line);
	return 0;
}
