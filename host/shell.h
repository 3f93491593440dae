/*
 * shell.h: a client of the port uio.shell, which is plain text: the guest prompts, echoes and answers.
 */
#ifndef HOST_SHELL_H
#define HOST_SHELL_H

#include "host/vm.h"

/* Runs until the end of stdin, "quit", or the guest's end. Returns the exit status. */
int shell_attach(struct vm *vm);

#endif
