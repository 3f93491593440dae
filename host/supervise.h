/*
 * supervise.h: the process that owns QEMU. It is a fork of `uio run`, in a session of its own; QEMU is its child. It
 * writes down how QEMU ended and has no other duty, so killing it loses nothing but the exact exit status.
 */
#ifndef HOST_SUPERVISE_H
#define HOST_SUPERVISE_H

#include "host/util.h"
#include "host/vm.h"

/*
 * Forks the supervisor, which starts QEMU. Returns when QEMU listens on its sockets: 0, or -ECHILD with *ret_text the
 * reason (the caller frees it).
 */
int supervise_start(struct vm *vm, const struct strv *command, char **ret_text);

#endif
