/*
 * process.c: see process.h.
 */
#include "host/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/util.h"

int process_start(pid_t pid, uint64_t *ret_ticks)
{
	char path[64], *stat, *p, state;
	unsigned long long ticks;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (file_read(path, &stat, NULL) < 0)
		return -ESRCH;
	/* proc(5): the name in parentheses may hold anything, so count from the last one; field 3 is the state, 22 the
	 * start. */
	p = strrchr(stat, ')');
	if (!p || sscanf(p + 1, " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
			 &state, &ticks) != 2 || state == 'Z' || state == 'X') {
		free(stat);
		return -ESRCH;
	}
	free(stat);
	*ret_ticks = ticks;
	return 0;
}

const char *boot_id(void)
{
	static char *id;

	if (!id && file_read("/proc/sys/kernel/random/boot_id", &id, NULL) < 0)
		id = xstrdup("");
	id[strcspn(id, "\n")] = '\0';
	return id;
}

bool process_alive(pid_t pid, uint64_t ticks, const char *boot)
{
	uint64_t now;

	return process_start(pid, &now) == 0 && now == ticks && strcmp(boot, boot_id()) == 0;
}
