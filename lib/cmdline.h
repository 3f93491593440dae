/* pure */
/*
 * cmdline.h: the boot command line:
 *
 *     [word | uio.KEY=VALUE]... [-- ARGUMENT...]      virtio_mmio.device=SIZE@ADDRESS:IRQ anywhere
 *
 * QEMU's microvm appends its virtio_mmio.device words to the end, behind the application's arguments (and even where an
 * argument's quote is not closed), so these are taken out first, whatever stands around them. Words are quoted as
 * lib/tok.h says. Words before "--" that are no uio. option are the boot loader's and ignored; a second "--" is an
 * ordinary argument.
 */
#ifndef LIB_CMDLINE_H
#define LIB_CMDLINE_H

#include <stddef.h>
#include <stdint.h>

#define CMDLINE_DEVICES_MAX 32 /* microvm has 8, or 24 with a second I/O APIC */
#define CMDLINE_OPTIONS_MAX 64
#define CMDLINE_ARGS_MAX    128

struct cmdline_device {
	uint64_t address; /* physical */
	uint64_t size;    /* bytes, not 0; address + size does not overflow */
	uint32_t irq;
};

struct cmdline_option {
	const char *key;   /* without "uio." */
	const char *value; /* "" if there is no '=' */
};

/* About 4 KiB: not for a stack. The strings are parts of the parsed line. */
struct cmdline {
	size_t device_count;
	size_t option_count;
	size_t arg_count;
	struct cmdline_device devices[CMDLINE_DEVICES_MAX];
	struct cmdline_option options[CMDLINE_OPTIONS_MAX];
	char *args[CMDLINE_ARGS_MAX + 1]; /* args[arg_count] is null; the program's name is not among them */
};

/*
 * Parses LINE in place; it must outlive *RET. -EINVAL for bad quoting or a malformed device, -E2BIG for more devices,
 * options or arguments than fit. RET is always filled with what could be understood, all well-formed devices included,
 * so that the caller has a console to complain on.
 */
int cmdline_parse(char *line, struct cmdline *ret);

/* The value of the last option KEY; null if it was not given. */
const char *cmdline_get(const struct cmdline *c, const char *key);

/*
 * All values of an option that may be repeated, in order: start with *AT = 0 and call until it returns null.
 */
const char *cmdline_get_next(const struct cmdline *c, const char *key, size_t *at);

#endif
