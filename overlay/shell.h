/* shell.h: the operator's shell on the port `uio.shell`: plain text, one command a line. A command is a COMMAND()
 * block in a cmd_*.c file; the table of all of them gives parsing and help. */
#ifndef UIO_OVERLAY_SHELL_H
#define UIO_OVERLAY_SHELL_H

#include "drivers/virtio_console.h"
#include "kernel/types.h"
#include "kernel/waitq.h"
#include "overlay/lineedit.h"

#define SHELL_ARGS_MAX 32
#define SHELL_OUT 512

struct shell {
	struct vport *port;
	struct waitq *wake;		/* bytes or room, or the client is gone */
	unsigned generation;
	bool quit;			/* until the next Enter there is no prompt */
	bool interrupted;		/* ^C while a command runs: output is dropped until the next prompt */
	bool (*typed)(struct shell *sh, const char *bytes, size_t n); /* takes what is typed while a command runs */
	size_t out_len;
	size_t keys_len;
	void (*gone)(void *ctx);
	void *ctx;
	struct lineedit edit;
	char out[SHELL_OUT];		/* not yet given to the port */
	char keys[256];			/* typed ahead */
};

struct command {
	const char *name, *args, *help;
	uint8_t min, max;		/* words after the name */
	/* argv[0] is the name; a negative errno is printed with the command's name. */
	int (*fn)(struct shell *sh, int argc, char **argv);
};

/* COMMAND(name, "ARGS", "what it does", min, max) { ... } in a file that has COMMAND_FILE(name) once. */
#define COMMAND(id, args, help, min, max)                                                                              \
	static int cmd_##id(struct shell *sh, int argc, char **argv);                                                  \
	static const struct command command_##id = { #id, args, help, min, max, cmd_##id };                            \
	static const struct command *const command_entry_##id                                                          \
		__attribute__((used, retain, section(".uio_cmd." #id))) = &command_##id;                               \
	static int cmd_##id(struct shell *sh, int argc, char **argv)
/* What overlay/root.c names, so that the file is linked. */
#define COMMAND_FILE(file) const uint8_t command_file_##file = 1

extern const struct command *const __cmd_start[], *const __cmd_end[];

/* A thread that serves the port until its state changes; then gone(ctx) is called, last. */
int shell_serve(struct vport *port, struct waitq *wake, void (*gone)(void *ctx), void *ctx);

/* cmd_run.c: a file into the cache of programs, where it is cache_nth(0) then. 0 or a negative errno. */
int shell_keep_file(const char *path);
/* Where a file is that uio-cc made beside the image: a format for the image's name, and behind it goes "bpf" or so. */
#define SHELL_BESIDE	 "/host/%s."
#define SHELL_BESIDE_MAX 80

/* For commands. Output waits for room, and is dropped once the client is gone or has typed ^C. */
void shell_printf(struct shell *sh, const char *fmt, ...) __printf(2, 3);
void shell_write(struct shell *sh, const char *text, size_t n);
void shell_flush(struct shell *sh);
/* True when the command should end: ^C, or the client is gone. */
bool shell_stopped(struct shell *sh);
/* Flushes and waits for something to happen, at most until the deadline; takes what is typed. */
void shell_wait(struct shell *sh, uint64_t deadline_ns);
/* "ls: /x: there is no such file"; returns 0, for `return shell_fail(...)`. */
int shell_fail(struct shell *sh, const char *what, int error);
/* "1.5M" into a static buffer's turn of four. */
const char *shell_size(uint64_t bytes);
/* "12.345" seconds, or "3h02m" and the like, likewise. */
const char *shell_time(uint64_t ns);

#endif
