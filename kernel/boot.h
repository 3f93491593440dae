/* boot.h: what the boot loader told us; filled before any INIT() function runs and never changed after. */
#ifndef UIO_KERNEL_BOOT_H
#define UIO_KERNEL_BOOT_H

#include "kernel/types.h"
#include "lib/cmdline.h"

struct boot_info {
	const char *cmdline;	/* as it came, for /proc/cmdline; NULL: no memory */
	const void *initrd;	/* first PVH module (a cpio archive), direct-map pointer, or NULL */
	size_t initrd_size;
	bool pku;		/* protection keys are in force */
	bool hypervisor_kvm;
};
extern struct boot_info boot_info;

/* The parsed command line: options, application arguments, virtio-mmio devices. */
extern struct cmdline boot_cmdline;

/* The value of `uio.KEY=` on the command line, or NULL; the string lives for ever. */
const char *boot_option(const char *key);

#endif
