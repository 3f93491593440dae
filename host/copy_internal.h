/*
 * copy_internal.h: what copy.c and copy_pull.c share. For them only.
 */
#ifndef HOST_COPY_INTERNAL_H
#define HOST_COPY_INTERNAL_H

#include "host/client.h"

/* Pushes whatever lies at `from` to exactly `to`. */
int copy_push_any(struct client *c, const char *from, const char *to, char **ret_text);

#endif
