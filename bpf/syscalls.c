/* pure */
/* syscalls.c: see syscalls.h. */
#include "bpf/syscalls.h"

#include "lib/str.h"

static const struct {
	const char *name;
	int nr;
} calls[] = {
#include "gen/syscall_table.h"
};

int syscall_number(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].nr;
	return -1;
}

const char *syscall_name(unsigned number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if ((unsigned)calls[i].nr == number)
			return calls[i].name;
	return NULL;
}
