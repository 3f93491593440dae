/*
 * console.h: stdin and stdout joined to the application's console: console.log, which QEMU appends to, and the FIFO
 * console.in, which it reads. Nothing that a client does or fails to do holds the guest up.
 */
#ifndef HOST_CONSOLE_H
#define HOST_CONSOLE_H

#include <stdbool.h>

#include "host/vm.h"

enum console_end {
	CONSOLE_CLOSED,		/* QEMU has ended */
	CONSOLE_DETACHED,	/* ^P ^Q, or the end of stdin where that only means to leave */
};

struct console {
	const struct vm *vm;
	bool tty;		/* the application's console is a terminal: raw mode, detach keys, window size */
	bool forward_stdin;
	bool from_last_line; /* attach: show only the last line of what has been written; the end of stdin ends this
				client */
};

/* Runs until one of console_end. */
enum console_end console_run(const struct console *console);

#endif
