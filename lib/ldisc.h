/* pure */
/*
 * ldisc.h: a terminal's line discipline: what the driver receives becomes lines, echo and signals; what programs write
 * gets its newlines translated. It follows termios(3) and Linux's n_tty where POSIX leaves the choice.
 *
 * Invariant: head - tail counts the unread bytes; those before `canon` belong to complete lines (canonical mode only).
 * No locking, no blocking: the caller sleeps while ldisc_readable() is false.
 */
#ifndef LIB_LDISC_H
#define LIB_LDISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LDISC_SIZE 4096 /* N_TTY_BUF_SIZE: also the longest line */
#define LDISC_CC   19

/* The kernel's struct termios, as TCGETS fills it (asm-generic/termbits.h). */
struct ldisc_termios {
	uint32_t iflag;
	uint32_t oflag;
	uint32_t cflag;
	uint32_t lflag;
	uint8_t line;
	uint8_t cc[LDISC_CC];
};
_Static_assert(sizeof(struct ldisc_termios) == 36, "asm-generic/termbits.h, struct termios");

/* asm-generic/termbits.h: the flags that are acted on. Others are stored and given back. */
enum {
	LDISC_INLCR = 0x40,
	LDISC_IGNCR = 0x80,
	LDISC_ICRNL = 0x100,
	LDISC_IXON = 0x400,
	LDISC_IUTF8 = 0x4000,

	LDISC_OPOST = 0x1,
	LDISC_ONLCR = 0x4,
	LDISC_OCRNL = 0x8,

	LDISC_ISIG = 0x1,
	LDISC_ICANON = 0x2,
	LDISC_ECHO = 0x8,
	LDISC_ECHOE = 0x10,
	LDISC_ECHOK = 0x20,
	LDISC_ECHONL = 0x40,
	LDISC_NOFLSH = 0x80,
	LDISC_ECHOCTL = 0x200,
	LDISC_ECHOKE = 0x800,
	LDISC_IEXTEN = 0x8000,
};

/* Indices into cc[]. A value of 0 disables the character. */
enum {
	LDISC_VINTR,
	LDISC_VQUIT,
	LDISC_VERASE,
	LDISC_VKILL,
	LDISC_VEOF,
	LDISC_VTIME,
	LDISC_VMIN,
	LDISC_VSWTC,
	LDISC_VSTART,
	LDISC_VSTOP,
	LDISC_VSUSP,
	LDISC_VEOL,
	LDISC_VREPRINT,
	LDISC_VDISCARD,
	LDISC_VWERASE,
	LDISC_VLNEXT,
	LDISC_VEOL2,
};

/* The signals that ops->signal gets: Linux's numbers. */
enum {
	LDISC_SIGINT = 2,
	LDISC_SIGQUIT = 3,
	LDISC_SIGTSTP = 20,
};

struct ldisc {
	struct ldisc_termios termios;       /* read freely; written by ldisc_set_termios() */
	uint32_t tail;                      /* next byte to read */
	uint32_t canon;                     /* end of the complete lines */
	uint32_t head;                      /* next byte to write */
	uint32_t column;                    /* of the output cursor, for erasing tabs */
	uint32_t line_column;               /* where the line being edited began */
	bool literal;                       /* VLNEXT seen: the next byte is data */
	bool stopped;                       /* VSTOP seen: the caller holds back output */
	uint8_t data[LDISC_SIZE];
	uint8_t ends[LDISC_SIZE / 8];       /* bit i: data[i] ends a line; with the byte 0 it is an EOF mark */
};

struct ldisc_ops {
	/* Sends N bytes, already post-processed, to the terminal. May drop them if it cannot take them. */
	void (*echo)(void *ctx, const void *bytes, size_t n);
	/* The terminal's foreground process group gets SIGNO. */
	void (*signal)(void *ctx, int signo);
};

/* An empty discipline with Linux's defaults: canonical, echoing, CR to NL in and NL to CR NL out. */
void ldisc_init(struct ldisc *ld);

/*
 * Changes the modes. Leaving canonical mode makes a half-typed line readable; entering it makes what is unread a
 * complete line, so type-ahead is never lost.
 */
void ldisc_set_termios(struct ldisc *ld, const struct ldisc_termios *t);

/* Forgets unread input (TCIFLUSH). */
void ldisc_flush(struct ldisc *ld);

/*
 * Takes N bytes from the device. Returns how many it took: fewer than N only when the buffer is full and a read would
 * make room; offer the rest again then. In a line longer than the buffer the excess is dropped, its end is not.
 */
size_t ldisc_input(struct ldisc *ld, const void *bytes, size_t n, const struct ldisc_ops *ops, void *ctx);

/* The terminal hung up or its peer sent an end: behaves as VEOF typed on an empty line, also in raw mode. */
void ldisc_input_eof(struct ldisc *ld);

/* True when ldisc_read() would return without -EAGAIN; what poll reports as POLLIN. */
bool ldisc_readable(const struct ldisc *ld);

/* Bytes that reads would return now, as FIONREAD counts them. */
size_t ldisc_unread(const struct ldisc *ld);

/*
 * Canonical: at most one line, with its newline, of at most N bytes; the rest of a longer line stays. 0 is end of file
 * and is consumed. Otherwise: up to N bytes. -EAGAIN if there is nothing; in raw mode with VMIN = 0 and VTIME = 0, 0.
 * The timer of VTIME is the caller's: cc[LDISC_VTIME] is in tenths of a second.
 */
long ldisc_read(struct ldisc *ld, void *bytes, size_t n);

/*
 * Translates program output for the terminal: takes bytes from IN until they or OUT's room end; returns how many it
 * took and stores the bytes produced in *ret_out_n. Two bytes of room let it always progress.
 */
size_t ldisc_output(struct ldisc *ld, const void *in, size_t n, void *out, size_t out_size, size_t *ret_out_n);

#endif
