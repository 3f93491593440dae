/*
 * term.h: the user's terminal: raw mode, its size, and signals as a descriptor. Hosted; knows no guest.
 */
#ifndef HOST_TERM_H
#define HOST_TERM_H

#include <stdbool.h>
#include <stdint.h>

/* Puts stdin's terminal into raw mode until term_restore() or exit. Does nothing if stdin is no terminal. */
void term_raw(void);
void term_restore(void);

/* The size of the terminal on stdin or stdout. False if neither is one. */
bool term_size(uint16_t *ret_rows, uint16_t *ret_cols);

/*
 * Blocks SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGWINCH and returns a descriptor that is readable when one is pending.
 */
int term_signals(void);
/* The next signal from that descriptor, or 0. */
int term_next_signal(int fd);

/* Finds the detach keys ^P ^Q in what is typed. */
struct detach {
	bool after_p;
};
/*
 * Copies n bytes to out (room for n + 1) without the keys that may begin the sequence. *ret_n: how many.
 * Returns true when ^P ^Q was typed.
 */
bool detach_filter(struct detach *d, const char *in, int n, char *out, int *ret_n);

#endif
