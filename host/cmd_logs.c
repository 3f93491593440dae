/*
 * cmd_logs.c: uio logs: what the application has written to its console, or the kernel to its log.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/command.h"
#include "host/util.h"
#include "host/vm.h"

#define FOLLOW_POLL_MS	50

static const struct option_def options[] = {
	{ 'f', "follow", NULL, "go on until the unikernel ends", NULL, COMPLETE_NONE },
	{ 'n', "tail", "LINES", "only the last LINES lines", NULL, COMPLETE_NONE },
	{ 'k', "kernel", NULL, "the kernel's log instead of the console", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(logs, .synopsis = "NAME", .summary = "Show what a unikernel has written",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

/* Where the last `lines` lines begin; a newline at the very end begins no line. */
static off_t tail_start(const char *path, long lines)
{
	char *data;
	size_t size, at;

	if (file_read(path, &data, &size) < 0)
		return 0;
	at = size > 0 && data[size - 1] == '\n' ? size - 1 : size;
	while (at > 0 && (data[at - 1] != '\n' || --lines > 0))
		at--;
	free(data);
	return (off_t)at;
}

/* Copies what is there. Returns false when nobody reads stdout any more. */
static bool copy(int fd)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write_all(STDOUT_FILENO, buf, (size_t)n) < 0)
			return false;
	return true;
}

static int cmd_logs(const struct args *args)
{
	struct vm *vm = vm_get(args->operands[0]);
	char *path = vm_file(vm, args_flag(args, "kernel") ? "kernel.log" : "console.log");
	const char *lines = args_value(args, "tail");
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		die(EXIT_UIO, "%s: %s", path, strerror(errno));
	if (lines && strcmp(lines, "all") != 0)
		lseek(fd, tail_start(path, atol(lines)), SEEK_SET);
	while (copy(fd) && args_flag(args, "follow")) {
		vm_refresh(vm);
		if (vm->status == VM_EXITED) {
			copy(fd);
			break;
		}
		sleep_ms(FOLLOW_POLL_MS);
	}
	return 0;
}
