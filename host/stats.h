/*
 * stats.h: one look at the numbers of a guest, for stats and inspect.
 */
#ifndef HOST_STATS_H
#define HOST_STATS_H

#include <cjson/cJSON.h>

#include "host/client.h"

/*
 * STATS as JSON: an array of {"subject", "pid", "name", values...}; PS as an array of processes. Returns 0, or a
 * negative errno with *ret_text (the caller frees it); the caller deletes *ret_rows.
 */
int stats_get(struct client *c, cJSON **ret_rows, char **ret_text);
int processes_get(struct client *c, cJSON **ret_rows, char **ret_text);

#endif
