/*
 * qemu.h: from what the user asked for to QEMU's command line. Starts nothing.
 */
#ifndef HOST_QEMU_H
#define HOST_QEMU_H

#include <stdbool.h>
#include <stdint.h>

#include "host/net.h"
#include "host/util.h"
#include "host/vm.h"

struct machine {
	char *name;
	char *image;			/* absolute */
	const char *type;		/* microvm, q35, pc */
	const char *accel;		/* kvm or tcg */
	const char *domain;		/* mpk, pt; NULL: the guest chooses */
	uint64_t memory_bytes;
	char *share;			/* host directory for /host, absolute; or NULL */
	bool share_read_only;
	struct net net;
	bool tty;
	bool stdin_open;
	struct strv env;		/* KEY=VALUE */
	char **args;			/* of the application; NULL-terminated */
	struct strv extra;		/* words given to QEMU as they are */
};

/* NULL if the machine type is known, else the names that are. */
const char *machine_type_unknown(const char *type);

/*
 * "auto", "kvm" or "tcg" → the accelerator to use; *ret_why says why in a few words (static storage).
 * Returns NULL for another word, or for kvm where it cannot be.
 */
const char *accel_choose(const char *wish, const char **ret_why);

/* The whole command line; sockets and logs are those of vm. */
struct strv qemu_command(const struct machine *m, const struct vm *vm);

/* Words quoted for a POSIX shell, joined by spaces. The caller frees. */
char *shell_quote(const struct strv *words);

#endif
