/*
 * mkunwind.c: makes the table for call chains of an image (lib/unwind_table.h), for the guest's shell: uio sends its own.
 *
 *     mkunwind IMAGE OUTPUT
 *
 * IMAGE.debug and IMAGE.bpf.debug are beside it. Exit status 0, or 1 with a message and no OUTPUT.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/unwind_make.h"
#include "host/util.h"

int main(int argc, char **argv)
{
	char *symbols;
	void *table;
	size_t size;
	int r, fd;

	if (argc != 3) {
		fprintf(stderr, "usage: mkunwind IMAGE OUTPUT\n");
		return 1;
	}
	symbols = xasprintf("%s.debug", argv[1]);
	r = unwind_make(argv[1], symbols, &table, &size);
	if (r < 0) {
		fprintf(stderr, "mkunwind: %s: %s\n", argv[1],
			r == -ENODATA ? "no information about its frames" : strerror(-r));
		return 1;
	}
	fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write_all(fd, table, size) < 0 || close(fd) < 0) {
		fprintf(stderr, "mkunwind: %s: %s\n", argv[2], strerror(errno));
		unlink(argv[2]);
		return 1;
	}
	free(symbols);
	free(table);
	return 0;
}
