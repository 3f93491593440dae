/* fuzz_strace.c: what a guest says about a system call to `uio strace`: any bytes become a line of printable characters, and
 * nothing but the event is read. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/syscalls.h"
#include "tools/strace_calls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct strace_event *e, const struct strace_call *c, unsigned i, unsigned limit)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	strace_print_arg(f, e, c, i, limit);
	fclose(f);
	for (size_t k = 0; k < n; k++)
		if (!isprint((unsigned char)text[k]))
			abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strace_event *e = malloc(sizeof(*e));
	const struct strace_call *c;
	const char *name;

	if (size && strace_event_read(data + 1, size - 1, e)) {
		name = syscall_name(e->nr);
		c = name ? strace_call(name) : NULL;
		for (unsigned i = 0; i < strace_arg_count(e, c); i++)
			print(e, c, i, data[0] % (STRACE_DATA + 1));
	}
	free(e);
	return 0;
}
