/* ctl.h: the server of `uio.ctl.N` (docs/protocol.md), between its files and for root.c; for no others.
 *
 * A connection has one kernel thread, which reads frames and lives from PORT_OPEN to the next change of the port.
 * Frames go out through a buffer that anybody may fill: a frame is reserved, filled and committed without blocking in
 * between. A session that runs a program outlives its connection until the program has ended. */
#ifndef UIO_OVERLAY_CTL_H
#define UIO_OVERLAY_CTL_H

#include "drivers/virtio_console.h"
#include "kernel/types.h"
#include "kernel/waitq.h"
#include "proto/frame.h"
#include "proto/msg.h"

#define CTL_SESSIONS_MAX 32
#define CTL_OUT_SIZE 12288
#define CTL_DATA_MAX 4096	/* of stream data in one frame */
#define CTL_MESSAGE_MAX 6144	/* payload of any other message */

struct ctl_conn {
	struct vport *port;
	unsigned generation;		/* of the port */
	struct waitq *wake;		/* the connection's thread, and the port's events */
	struct list sessions;
	unsigned session_count;
	bool greeted;			/* HELLO was seen */
	bool broke_protocol;		/* and the log says so, once for a client */
	uint8_t matched;		/* bytes of a HELLO's header seen; FRAME_HEADER_SIZE: in step with the client */
	const char *what;		/* the request's object, for the text of its ERROR; NULL: none */
	struct frame_parser parser;
	size_t out_start, out_end;	/* frames not yet given to the port: out[start..end) */
	uint8_t in[1024];
	uint8_t frame[FRAME_MAX];
	uint8_t out[CTL_OUT_SIZE];
};

struct ctl_session;
/* What a kind of session does. All run on the connection's thread; NULL: nothing. */
struct ctl_kind {
	void (*data)(struct ctl_session *s, const uint8_t *bytes, size_t n);	/* STDIN, within its window */
	void (*end)(struct ctl_session *s);					/* END of STDIN */
	void (*window)(struct ctl_session *s, enum msg_stream stream, uint32_t bytes);
	void (*control)(struct ctl_session *s, const struct frame *f);		/* SIGNAL, WINSIZE */
	/* Do what can be done now: the port took bytes, or ctl_kick(). True: there may be more to do at once. */
	bool (*pump)(struct ctl_session *s);
	void (*close)(struct ctl_session *s);	/* CLOSE: end; the final message may come later */
	void (*drop)(struct ctl_session *s);	/* the client is gone, s is unlinked and conn NULL: end, free s at last */
};

/* At the start of each kind's own structure. */
struct ctl_session {
	struct list node;		/* in conn->sessions */
	struct ctl_conn *conn;		/* NULL: the client is gone */
	const struct ctl_kind *kind;
	uint32_t id;
	uint32_t in_window;		/* bytes of STDIN that the client may still send */
	uint32_t in_credit;		/* bytes that it may be told of */
};

/* ctl.c */
/* A thread that serves the port until its state changes; then gone(ctx) is called, last. 0 or -ENOMEM. */
int ctl_serve(struct vport *port, struct waitq *wake, void (*gone)(void *ctx), void *ctx);
/* Wakes the connection's thread: something may be done. From anywhere. */
void ctl_kick(struct ctl_conn *c);

/* ctl_out.c: sending. */
/* Room for a payload of at most `size` bytes (CTL_DATA_MAX or CTL_MESSAGE_MAX at most), or NULL when there is none
 * now. */
uint8_t *ctl_reserve(struct ctl_conn *c, size_t size);
/* The same for stream data, leaving room for other messages: a busy stream must not lock them out. */
uint8_t *ctl_reserve_data(struct ctl_conn *c, size_t size);
/* Makes a frame of what was reserved: `size` bytes of it, or nothing if negative (an encoder's error). */
void ctl_commit(struct ctl_conn *c, uint16_t type, uint32_t session, int size);
/* The connection's thread only: as ctl_reserve(), and waits for room. NULL: the client is gone. */
uint8_t *ctl_reserve_wait(struct ctl_conn *c, size_t size);
/* Gives the port what it takes now; true if it took something. */
bool ctl_flush(struct ctl_conn *c);
bool ctl_gone(const struct ctl_conn *c);
/* The connection's thread only: an ERROR; text NULL: the errno's, after c->what. */
void ctl_error(struct ctl_conn *c, uint32_t id, int error, const char *text);
/* A message without payload. */
void ctl_empty(struct ctl_conn *c, uint16_t type, uint32_t id);
/* NEED: a file that the cache of programs has not got. */
void ctl_need(struct ctl_conn *c, uint32_t id, const uint8_t sha256[PROTO_SHA256_SIZE]);
void ctl_end(struct ctl_conn *c, uint32_t id, enum msg_stream stream);
void ctl_window(struct ctl_conn *c, uint32_t id, enum msg_stream stream, uint32_t bytes);
/* Tells the client of s->in_credit. */
void ctl_credit(struct ctl_session *s);

/* ctl_session.c */
int ctl_session_add(struct ctl_conn *c, struct ctl_session *s, uint32_t id, const struct ctl_kind *kind);
/* Unlinks; the structure is the caller's again. */
void ctl_session_del(struct ctl_session *s);
void ctl_frame(struct ctl_conn *c, const struct frame *f);
void ctl_end_sessions(struct ctl_conn *c);

/* ctl_exec.c: kills the programs whose client went and whose time to say goodbye is over; when to look again. */
uint64_t ctl_exec_reap(void);
/* Wakes the thread that calls it (root.c). */
void ports_kick(void);

/* A request: 0: answered, or a session was opened; 1: answer OK; negative errno: answer ERROR. */
typedef int (*ctl_request)(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_exec(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_push(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_pull(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_list(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_stats(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_ps(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_events(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_kill(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_console_eof(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
int ctl_console_winsize(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);

#endif
