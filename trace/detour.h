/* detour.h: the code that probed places lead to: the instructions that were moved, and the jump probe's way in. It lies in
 * pages of its own, which are filled one after another and never freed. */
#ifndef UIO_TRACE_DETOUR_H
#define UIO_TRACE_DETOUR_H

#include "trace/site.h"

/* Where the instruction at `at`, whose n bytes and more are at `code`, is done, and then what follows it there. 0, -EINVAL:
 * it cannot be moved, -ENOMEM. Sizes are of the code made. */
int detour_moved(uint64_t at, const uint8_t *code, size_t n, uint64_t *ret, uint8_t *ret_size);
/* What a jump at the site leads to: the programs run, the instructions under the jump (s->length bytes; none if they are
 * the nop) are done, and what follows them goes on. 0: there can be none. */
uint64_t detour_make(const struct site *s, const uint8_t *code, size_t n, uint8_t *ret_size);
/* The site of a detour, by what the call in it returns to. */
struct site *detour_site(uint64_t back);
/* Where what the site's jump leads to has its moved instructions. */
uint64_t detour_behind_probe(const struct site *s);

#endif
