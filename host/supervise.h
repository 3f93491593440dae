/*
 * supervise.h: the process that owns QEMU. It is a fork of `uio run`, in a session of its own; QEMU is its child. It writes
 * down how QEMU ended and has no other duty, so killing it loses nothing but the exact exit status.
 */
#ifndef HOST_SUPERVISE_H
#define HOST_SUPERVISE_H

#include "host/util.h"
#include "host/vm.h"

/*
 * Forks the supervisor, which starts QEMU. Returns when QEMU listens on its sockets, with a descriptor in *ret_link:
 * with keep_alone false, QEMU is killed if that is closed before supervise_release(). Returns 0 or -ECHILD, with
 * *ret_text the reason (the caller frees it).
 */
int supervise_start(struct vm *vm, const struct strv *command, bool keep_alone, int *ret_link, char **ret_text);

/* Tells the supervisor that the console has a listener: from now on QEMU lives on without the caller. */
void supervise_release(int link);

#endif
