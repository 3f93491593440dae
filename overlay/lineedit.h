/* pure */
/*
 * lineedit.h: a line typed at a terminal: echo, editing with the usual keys (arrows, Home, End, ^A ^E ^B ^F ^U ^K ^W,
 * Delete, Backspace) and a short history (up, down, ^P ^N). Bytes in, terminal output out; no waiting, no allocation.
 *
 * Invariant: at <= len < LINEEDIT_MAX; line[len] is 0 after a line was completed. UTF-8 is edited by characters.
 */
#ifndef OVERLAY_LINEEDIT_H
#define OVERLAY_LINEEDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINEEDIT_MAX	 256	/* bytes of a line with its end; what is typed beyond rings the bell */
#define LINEEDIT_HISTORY 8	/* lines kept */

enum lineedit_result {
	LINEEDIT_MORE,		/* the line goes on */
	LINEEDIT_LINE,		/* Enter: the line is in `line`, until the next byte is fed */
	LINEEDIT_INTERRUPT,	/* ^C: the line was thrown away */
	LINEEDIT_EOF,		/* ^D on an empty line */
};

struct lineedit {
	uint16_t len, at;
	bool done;		/* the next byte starts a new line */
	bool cr;		/* the last byte was CR: a LF that follows belongs to it */
	uint8_t escape;		/* inside an escape sequence: enum in lineedit.c */
	uint8_t parameter;	/* its number */
	uint8_t history_count, history_next; /* next: where the next line goes */
	uint8_t browse;		/* 0: the line itself; n: the nth last one is shown */
	void (*out)(void *ctx, const char *bytes, size_t n);
	void *ctx;
	char line[LINEEDIT_MAX];
	char history[LINEEDIT_HISTORY][LINEEDIT_MAX];
};

/* Starts without history; out is called with what the terminal is to show. */
void lineedit_init(struct lineedit *e, void (*out)(void *ctx, const char *bytes, size_t n), void *ctx);

/* Takes one byte from the terminal. */
enum lineedit_result lineedit_feed(struct lineedit *e, char c);

#endif
