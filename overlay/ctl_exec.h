/* ctl_exec.h: a session that runs a program, between ctl_exec.c, which starts it, and ctl_exec_run.c, which carries its
 * input and output and sees it end. For no others.
 *
 * The session lives until the program has ended, also when its client is gone. Nobody but the program waits for a slow
 * client, and a signal wakes it from that. */
#ifndef UIO_OVERLAY_CTL_EXEC_H
#define UIO_OVERLAY_CTL_EXEC_H

#include "fs/stream.h"
#include "fs/tty.h"
#include "overlay/ctl.h"
#include "overlay/session.h"

struct exec;
/* One output stream; [0] is the input's. */
struct lane {
	struct exec *exec;
	struct stream *stream;
	uint64_t window;		/* bytes that the client still takes */
	uint8_t nr;			/* enum msg_stream */
};

struct exec {
	struct ctl_session s;
	struct program *program;	/* NULL: not started, or ended */
	struct tty *tty;		/* NULL: streams */
	struct lane lane[3];
	struct waitq room;		/* programs that wait to write */
	bool tty_short;			/* the terminal has more to say */
	bool closing;			/* hung up */
	bool ended;
	uint8_t *held;			/* typed, not yet taken by the terminal: PROTO_WINDOW_START bytes, or NULL */
	size_t held_len;
	int wait_status;
	enum exit_reason reason;
	char *report;			/* NULL: none */
	uint64_t kill_at_ns;
	struct list dying_node;
};

extern const struct ctl_kind exec_kind;
extern const struct stream_ops exec_stream_ops;	/* ctx: struct lane */
extern const struct tty_ops exec_tty_ops;	/* ctx: struct exec */
/* struct program_spec's `ended`; ctx: struct exec. */
void exec_ended(void *ctx, int wait_status, enum exit_reason reason, const char *report);
/* Lets go of terminal and streams, and frees it. */
void exec_free(struct exec *x);

#endif
