/* pure */
/*
 * grants.h: grants as text: "read,write,call=f,call=g,fs=rw,net,signal,trace", or a profile's name.
 */
#ifndef PROTO_GRANTS_H
#define PROTO_GRANTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/grant.h"
#include "proto/msg_list.h"

/*
 * Adds the comma-separated grants in text to *grants. "call=f" adds GRANT_CALL and appends f to calls (may be NULL:
 * then call=f is -EINVAL); plain "call" is GRANT_CALL alone, without limiting the functions.
 * Returns 0; -EINVAL with *ret_bad pointing at the word in text that is not a grant; -EMSGSIZE when calls is full.
 */
int grants_parse(const char *text, uint32_t *grants, struct msg_list_builder *calls, const char **ret_bad);

/* The grants of "monitor", "debug" or "admin". Returns 0 or -ENOENT. */
int grants_profile(const char *name, uint32_t *ret_grants);

/*
 * Writes the grants as text, "none" for 0, cut off (but ended by 0) if it does not fit; size at least 1.
 * Returns the length that the whole text has.
 */
size_t grants_format(uint32_t grants, char *buf, size_t size);

#endif
