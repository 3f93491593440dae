/*
 * bpf_event.c: hooks that are no functions (bpf_hook.h): the clock, switches of threads; and the table for stacks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/bpf_hook.h"
#include "host/command.h"
#include "host/image.h"
#include "host/unwind_make.h"
#include "host/util.h"

unsigned bpf_hook_clock(struct bpf_loaded *l, const struct bpf_loaded_program *p, unsigned hz)
{
	char rate[16];

	snprintf(rate, sizeof(rate), "%u", hz);
	bpf_must(l->call, NULL, NULL, "sample", "program", p->id, "hz", rate, NULL);
	l->probes++;
	return 1;
}

unsigned bpf_hook_switch(struct bpf_loaded *l, const struct bpf_loaded_program *p)
{
	struct bpf_place place;
	char why[200];

	if (bpf_place_of(BPF_HOOK_RAW_TRACEPOINT, p->attach, &place, why, sizeof(why)) < 0)
		die(EXIT_UIO, "%s: %s", p->name, why);
	bpf_must(l->call, NULL, NULL, "switch", "program", p->id, NULL);
	l->probes++;
	return 1;
}

void bpf_send_stacks(struct bpf_loaded *l)
{
	const char *image = vm_string(l->call->vm, "image"), *object = l->call->object;
	char *symbols = image_symbols(image), *path;
	uint32_t session = l->call->session;
	void *table;
	size_t size;
	int r = symbols ? unwind_make(image, symbols, &table, &size) : -ENOENT, fd;

	free(symbols);
	if (r < 0) {
		warn("stacks will be guesses: %s has no debug information about its frames (was it linked without -g?)",
		     image);
		return;
	}
	fd = memfd_create("stacks", MFD_CLOEXEC);
	if (fd < 0 || write_all(fd, table, size) < 0)
		die(EXIT_UIO, "the table for stacks: %s", strerror(errno));
	path = xasprintf("/proc/self/fd/%d", fd);
	bpf_must(l->call, NULL, NULL, "stacks", "sha256", bpf_hash(l->call, path), NULL);
	l->call->object = object;
	l->call->session = session;
	close(fd);
	free(path);
	free(table);
}
