/*
 * console.h: stdin and stdout joined to the application's console.
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
	bool leave_at_eof;	/* the end of stdin ends this client, not the application's input */
};

/* Takes the console's lock and connects. Returns a descriptor; ends the program with a message if it is in use. */
int console_connect(const struct vm *vm);

/* Runs until one of console_end. fd is closed. */
enum console_end console_run(const struct console *console, int fd);

#endif
