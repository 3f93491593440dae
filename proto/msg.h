/* pure */
/*
 * msg.h: the messages of `uio.ctl`, one codec for guest and host. With frame.h it is the specification;
 * docs/protocol.md explains how the messages play together.
 *
 * Fields stand on the wire in the order of the structures below, without padding; integers are little endian, strings
 * and lists as in wire.h and msg_list.h. "h→g" is sent by the client on the host, "g→h" by the guest.
 *
 * Sessions. A request (EXEC, PUSH, PULL, LIST, STATS, PS, KILL, EVENTS, CONSOLE_*) opens the session whose number is
 * in its header: not 0, not in use on this connection. The guest ends every session with exactly one of OK, ERROR,
 * EXIT or NEED; after that the number may be used again, and late messages to it are ignored.
 *
 * Decoders check everything: lengths, strings, enumerations with a fixed set, no bytes left over. What they return
 * points into the payload. Each returns 0, or -EBADMSG with the ret_ argument untouched.
 * Encoders return the payload's size, or -EMSGSIZE when it does not fit into `size` bytes (use FRAME_PAYLOAD_MAX).
 */
#ifndef PROTO_MSG_H
#define PROTO_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/grant.h"
#include "proto/frame.h"
#include "proto/msg_list.h"

#define PROTO_VERSION		1u
#define PROTO_SHA256_SIZE	32u
#define PROTO_HELLO_SIZE	64u	/* payload of HELLO and HELLO_OK in every version */
#define PROTO_PORTS_MAX		4u	/* uio.ctl.0 .. uio.ctl.3 */

/* Bytes of a stream that may be sent before the first WINDOW for it. */
#define PROTO_WINDOW_START	16384u

enum msg_type {
	/* The connection: session 0. */
	MSG_NOP = 0,	  /* either way; no payload; ignored */
	MSG_HELLO = 1,	  /* h→g  struct msg_hello */
	MSG_HELLO_OK = 2, /* g→h  struct msg_hello */
	MSG_PING = 3,	  /* h→g  u64 token */
	MSG_PONG = 4,	  /* g→h  u64 token */

	/* How sessions end (EXIT and NEED too). ERROR with session 0 concerns the connection. */
	MSG_OK = 5,    /* g→h  no payload */
	MSG_ERROR = 6, /* g→h  struct msg_error */

	/* Programs. */
	MSG_EXEC = 16,	  /* h→g  struct msg_exec */
	MSG_STARTED = 17, /* g→h  u32 pid */
	MSG_NEED = 18,	  /* g→h  32 bytes SHA-256; ends the session */
	MSG_EXIT = 19,	  /* g→h  struct msg_exit; ends the session */
	MSG_SIGNAL = 20,  /* h→g  u32 signal: to the session's program, on a terminal its foreground */
	MSG_WINSIZE = 21, /* h→g  struct msg_winsize: of the session's terminal */
	MSG_CLOSE = 22,	  /* h→g  no payload: the client gives the session up; as if its terminal hung up */

	/* Bytes of a session. The payload is the bytes, 1 .. FRAME_PAYLOAD_MAX. */
	MSG_STDIN = 32,	 /* h→g  EXEC: standard input; PUSH: the file */
	MSG_STDOUT = 33, /* g→h  EXEC: standard output, or the terminal; PULL: the file */
	MSG_STDERR = 34, /* g→h  EXEC without a terminal */
	MSG_END = 35,	 /* both u8 stream: no more bytes on it */
	MSG_WINDOW = 36, /* both struct msg_window */

	/* Files. */
	MSG_PUSH = 48,	/* h→g  struct msg_push; then STDIN ..., END; guest: WINDOW ..., OK */
	MSG_PULL = 49,	/* h→g  string path; guest: ENTRY, STDOUT ..., END, OK */
	MSG_LIST = 50,	/* h→g  struct msg_path; guest: ENTRY ..., OK */
	MSG_ENTRY = 51, /* g→h  struct msg_entry */

	/* Looking at the guest. */
	MSG_STATS = 64,	    /* h→g  no payload; guest: STATS_ROW ..., OK */
	MSG_STATS_ROW = 65, /* g→h  struct msg_stats_row */
	MSG_PS = 66,	    /* h→g  no payload; guest: PS_ROW ..., OK */
	MSG_PS_ROW = 67,    /* g→h  struct msg_ps_row */
	MSG_EVENTS = 68,    /* h→g  no payload; guest: EVENT ... until CLOSE, then OK */
	MSG_EVENT = 69,	    /* g→h  struct msg_event */

	/* eBPF, see docs/protocol.md "eBPF". Both are laid out as EVENT: name is what to do, or what the row is about. */
	MSG_BPF = 72,	  /* h→g  struct msg_event; guest: BPF_ROW ..., OK; NEED: push that file and ask again */
	MSG_BPF_ROW = 73, /* g→h  struct msg_event */

	/* Acting on processes and on the application's terminal. Answered by OK or ERROR. */
	MSG_KILL = 80,		  /* h→g  struct msg_kill */
	MSG_CONSOLE_EOF = 81,	  /* h→g  u64 bytes: see docs/protocol.md "The application's console" */
	MSG_CONSOLE_WINSIZE = 82, /* h→g  struct msg_winsize: of the application's terminal */
};

enum msg_stream {
	STREAM_STDIN = 0,		/* carried by MSG_STDIN */
	STREAM_STDOUT = 1,		/* MSG_STDOUT */
	STREAM_STDERR = 2,		/* MSG_STDERR */
};

#define GRANTS_DEFAULT	((uint32_t)GRANT_FS_RO)	/* the shared /tmp is writable for every program */
#define GRANTS_MONITOR	((uint32_t)(GRANT_READ | GRANT_FS_RO))
#define GRANTS_DEBUG	((uint32_t)(GRANT_READ | GRANT_WRITE | GRANT_CALL | GRANT_FS_RO | GRANT_SIGNAL | GRANT_TRACE))
#define GRANTS_ADMIN	((uint32_t)GRANT_ALL)

/* Bits of msg_hello.features, set by the guest. */
enum feature {
	FEATURE_MPK = 1u << 0,		/* domains by protection keys; clear: by page tables */
	FEATURE_EVENTS = 1u << 1,
	FEATURE_STATS = 1u << 2,
	FEATURE_CONSOLE_EOF = 1u << 3,
};

/* Payload: these, then zeros up to PROTO_HELLO_SIZE, which a receiver ignores. */
struct msg_hello {
	uint8_t nonce[FRAME_NONCE_SIZE];	/* HELLO: random; HELLO_OK: the same */
	uint32_t version;			/* the highest the sender speaks; the lower of the two holds */
	uint32_t features;			/* HELLO: 0 */
};

struct msg_error {
	uint32_t error;			/* Linux errno, positive, 1 .. 4095 */
	const char *text;		/* one line for people, names the place, the fact and the limit */
};

/* msg_exec.flags */
#define EXEC_TTY	(1u << 0)	/* a terminal; stderr goes to it too */
#define EXEC_STDIN	(1u << 1)	/* standard input is the session's; else it is at its end at once */
#define EXEC_FLAGS	(EXEC_TTY | EXEC_STDIN)

enum exec_source {
	EXEC_PATH = 0,			/* `path` names a file in the guest; no '/' in it: look in $PATH */
	EXEC_HASH = 1,			/* the pushed program `sha256`; NEED if the guest has it not (any more) */
};

struct msg_exec {
	uint32_t flags;
	uint8_t source;			/* enum exec_source */
	const char *path;		/* EXEC_PATH: the file; EXEC_HASH: a name for ps and reports */
	uint8_t sha256[PROTO_SHA256_SIZE];	/* zeros for EXEC_PATH */
	const char *cwd;		/* "" means "/" */
	uint16_t rows, cols;		/* with EXEC_TTY; 0: not known */
	uint32_t grants;		/* enum grant (lib/grant.h) */
	uint32_t cpu_per_mille;		/* 1 .. 1000; 0: the guest's default */
	uint64_t memory_bytes;		/* 0: the guest's default */
	uint64_t timeout_ns;		/* wall clock; 0: none */
	struct msg_list argv;		/* ITEM_STRING, at least one */
	struct msg_list env;		/* ITEM_STRING, NAME=VALUE */
	struct msg_list calls;		/* ITEM_STRING: functions that GRANT_CALL is limited to; empty: all */
	struct msg_list symbols;	/* ITEM_SYMBOL: what the program's undefined symbols are */
};

enum exit_reason {
	EXIT_NORMAL = 0,		/* it exited or died by an ordinary signal: see status */
	EXIT_FAULT = 1,			/* it touched what it may not, or broke down: report says where */
	EXIT_TIMEOUT = 2,		/* timeout_ns was over */
	EXIT_MEMORY = 3,		/* memory_bytes was not enough */
	EXIT_CLOSED = 4,		/* the client gave up */
};

/*
 * report: "" or lines of text. Addresses in it are written 0x followed by hexadecimal digits; the host adds the names
 * of symbols behind those that lie in the image, and behind those in the program after "load-bias 0x..." was given.
 */
struct msg_exit {
	uint32_t status;		/* as wait(2) gives it: exit code << 8, or the signal's number */
	uint8_t reason;			/* enum exit_reason */
	const char *report;
};

struct msg_winsize {
	uint16_t rows, cols;
};

/* The receiver of a stream allows `bytes` more than it has allowed so far. */
struct msg_window {
	uint8_t stream;			/* enum msg_stream */
	uint32_t bytes;			/* 1 .. 2^31 - 1 */
};

enum push_kind {
	PUSH_FILE = 0,			/* to `path`, replacing a regular file there once complete */
	PUSH_PROGRAM = 1,		/* to the cache of programs, by sha256; path is a name for messages */
};

/*
 * mode is st_mode: a regular file (size bytes follow), a directory (size 0; it is no error if it exists), or a
 * symbolic link (the bytes are its target). The guest answers ERROR EBADMSG if size or sha256 are not as announced.
 */
struct msg_push {
	uint8_t kind;			/* enum push_kind */
	uint32_t mode;			/* type and permissions, as st_mode */
	uint64_t mtime_ns;		/* since 1970 */
	uint64_t size;
	uint8_t sha256[PROTO_SHA256_SIZE];	/* of the bytes */
	const char *path;
};

#define LIST_SELF	(1u << 0)	/* one ENTRY, for the path itself, not followed if it is a link */

struct msg_path {
	uint32_t flags;			/* LIST_* */
	const char *path;
};

struct msg_entry {
	uint32_t mode;			/* st_mode */
	uint64_t size;
	uint64_t mtime_ns;
	const char *name;		/* last component; never "." or ".." */
	const char *target;		/* of a symbolic link, else "" */
};

enum stats_subject {
	STATS_SYSTEM = 0,		/* the guest: pid 0, name "system" */
	STATS_APPLICATION = 1,		/* pid 1 */
	STATS_PROGRAM = 2,
};

struct msg_stats_row {
	uint8_t subject;		/* enum stats_subject */
	uint32_t pid;
	const char *name;
	struct msg_list values;		/* ITEM_NUMBER; the unit ends the name: memory_bytes, cpu_ns, faults */
};

struct msg_ps_row {
	uint32_t pid, ppid, pgid, sid;
	uint8_t state;			/* 'R', 'S', 'T', 'Z' */
	uint32_t threads;
	uint32_t grants;
	uint64_t cpu_ns;
	uint64_t memory_bytes;
	uint64_t age_ns;		/* since it started */
	const char *name;
	const char *command;		/* arguments joined by spaces */
};

/* name: program.started program.ended program.faulted program.refused application.exited; values: key=text. */
struct msg_event {
	uint64_t time_ns;		/* since boot */
	const char *name;
	struct msg_list values;		/* ITEM_PAIR */
};

struct msg_kill {
	uint32_t pid;			/* 1: the application */
	uint32_t signal;		/* 0 .. 64; 0 only asks whether pid exists */
};

/* Messages that are one number: u8 END, u32 STARTED and SIGNAL, u64 PING, PONG and CONSOLE_EOF. */
int msg_u8_encode(uint8_t value, void *buf, size_t size);
int msg_u8_decode(const void *payload, size_t size, uint8_t *ret_value);
int msg_u32_encode(uint32_t value, void *buf, size_t size);
int msg_u32_decode(const void *payload, size_t size, uint32_t *ret_value);
int msg_u64_encode(uint64_t value, void *buf, size_t size);
int msg_u64_decode(const void *payload, size_t size, uint64_t *ret_value);
/* NEED */
int msg_sha256_encode(const uint8_t sha256[PROTO_SHA256_SIZE], void *buf, size_t size);
int msg_sha256_decode(const void *payload, size_t size, uint8_t ret_sha256[PROTO_SHA256_SIZE]);
/* PULL */
int msg_string_encode(const char *string, void *buf, size_t size);
int msg_string_decode(const void *payload, size_t size, const char **ret_string);

int msg_hello_encode(const struct msg_hello *m, void *buf, size_t size);
int msg_hello_decode(const void *payload, size_t size, struct msg_hello *ret_m);
int msg_error_encode(const struct msg_error *m, void *buf, size_t size);
int msg_error_decode(const void *payload, size_t size, struct msg_error *ret_m);
int msg_exec_encode(const struct msg_exec *m, void *buf, size_t size);
int msg_exec_decode(const void *payload, size_t size, struct msg_exec *ret_m);
int msg_exit_encode(const struct msg_exit *m, void *buf, size_t size);
int msg_exit_decode(const void *payload, size_t size, struct msg_exit *ret_m);
int msg_winsize_encode(const struct msg_winsize *m, void *buf, size_t size);
int msg_winsize_decode(const void *payload, size_t size, struct msg_winsize *ret_m);
int msg_window_encode(const struct msg_window *m, void *buf, size_t size);
int msg_window_decode(const void *payload, size_t size, struct msg_window *ret_m);
int msg_push_encode(const struct msg_push *m, void *buf, size_t size);
int msg_push_decode(const void *payload, size_t size, struct msg_push *ret_m);
int msg_path_encode(const struct msg_path *m, void *buf, size_t size);
int msg_path_decode(const void *payload, size_t size, struct msg_path *ret_m);
int msg_entry_encode(const struct msg_entry *m, void *buf, size_t size);
int msg_entry_decode(const void *payload, size_t size, struct msg_entry *ret_m);
int msg_stats_row_encode(const struct msg_stats_row *m, void *buf, size_t size);
int msg_stats_row_decode(const void *payload, size_t size, struct msg_stats_row *ret_m);
int msg_ps_row_encode(const struct msg_ps_row *m, void *buf, size_t size);
int msg_ps_row_decode(const void *payload, size_t size, struct msg_ps_row *ret_m);
int msg_event_encode(const struct msg_event *m, void *buf, size_t size);
int msg_event_decode(const void *payload, size_t size, struct msg_event *ret_m);
int msg_kill_encode(const struct msg_kill *m, void *buf, size_t size);
int msg_kill_decode(const void *payload, size_t size, struct msg_kill *ret_m);

/* The name of a message type for logs, "EXEC"; "?" for an unknown one. */
const char *msg_type_name(uint16_t type);

#endif
