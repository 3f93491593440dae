/* shell.h: the shell's command `bpf`. */
#ifndef UIO_TRACE_SHELL_H
#define UIO_TRACE_SHELL_H

#include "overlay/ctl.h"
#include "overlay/shell.h"

/* argv[0] is "bpf". Prints what goes wrong; 0 or -ENOMEM. */
int shell_bpf(struct shell *sh, int argc, char **argv);
/* True for the stand-in for a connection with which the shell makes its requests. */
bool shell_is(const struct ctl_conn *c);
/* Takes a row of its requests. */
void shell_row(const struct msg_event *m);
/* For its requests: a symbol of the image, which the host finds for others. 0 or a negative errno. */
int shell_symbol(const char *name, uint64_t *ret_address);

#endif
