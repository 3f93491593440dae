/* site.h: the places in the image's code that are probed, and what stands there. Three ways, from fast to slow:
 *
 *	nop	the function starts with the 5-byte nop of uio-cc, which becomes a jump
 *	jump	the first instructions, 5 bytes or more, are done elsewhere, and a jump is in their place
 *	int3	the first instruction is done elsewhere, and a breakpoint is in the place of its first byte
 *
 * A jump over several instructions takes that no jump leads between them and that no thread stands there; until it does
 * not, the site makes do with the breakpoint. Once made a site is never freed: a thread may be interrupted in what was
 * moved. */
#ifndef UIO_TRACE_SITE_H
#define UIO_TRACE_SITE_H

#include "kernel/types.h"

#define SITE_JUMP_SIZE 5
#define SITE_LENGTH_MAX (SITE_JUMP_SIZE - 1 + 15) /* of the instructions under a jump */

enum site_way { SITE_OFF, SITE_INT3, SITE_JUMP };

struct site {
	struct list node; /* in its bucket */
	struct list late; /* a breakpoint that is to become a jump; or empty */
	struct list entry_hooks, return_hooks; /* probe.c's */
	uint64_t at;
	uint64_t moved;			 /* where its first instruction is done */
	uint64_t detour;		 /* what the jump leads to; 0: there can be none */
	uint8_t original[SITE_JUMP_SIZE];
	uint8_t length;			 /* of the instructions under the jump */
	uint8_t moved_size, detour_size; /* bytes there */
	bool nop;
	uint8_t way; /* enum site_way: what stands in the code now */
};

/* The site at an address, or NULL. */
struct site *site_find(uint64_t at);
/* The same, made if there is none, not armed. -EINVAL: the instruction cannot be moved; -EPERM: code that must not stop
 * there; -ENOMEM. */
int site_make(uint64_t at, struct site **ret);
/* After its lists of hooks changed: puts the probe there, the fastest that can be, or takes it away. 0, or an error of
 * text_poke()'s: then nothing changed. Taking it away cannot fail. */
int site_settle(struct site *s);
/* "nop", "jump" or "int3": what stands there now; "" for nothing. */
const char *site_way_name(const struct site *s);

/* The code at `at` without probes; returns how many of the size bytes are of the image. */
size_t site_original(uint64_t at, uint8_t *code, size_t size);

/* True if code at ip, done elsewhere for a site, may go on behind `from` and before `to`, where a site's jump is to be.
 * What that jump itself leads to goes on behind it. */
bool site_leads_between(uint64_t ip, uint64_t from, uint64_t to);
/* The probed place whose instructions are done elsewhere, at ip; any other ip as it is. Slow. */
uint64_t site_real_ip(uint64_t ip);

/* Once. */
void site_init(void);

#endif
