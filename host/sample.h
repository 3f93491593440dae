/*
 * sample.h: readings of a running unikernel's counters, and what happened between two of them.
 *
 * The guest only counts (docs/protocol.md, "Statistics"); rates are made here, over the time that passed on the guest's
 * own clock between the readings.
 */
#ifndef HOST_SAMPLE_H
#define HOST_SAMPLE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/client.h"

struct sampler {
	char *name;
	struct vm *vm;	       /* as of the last reading; NULL: there is none of that name */
	struct client *client; /* kept from one reading to the next */
	cJSON *before, *now;   /* the last two readings: arrays of rows as stats_get() gives them; NULL: no answer */
};

/* The sampler keeps a copy of the name. Nothing is read yet. */
void sampler_init(struct sampler *s, const char *name);
void sampler_free(struct sampler *s);
/*
 * Reads once more, connecting when need be. Returns 0, or a negative errno with now NULL and *ret_text (the caller
 * frees it) saying why: -ENOENT when there is no such unikernel or it does not run.
 */
int sampler_read(struct sampler *s, char **ret_text);

/* A number of a row; 0 when it has none of that name. */
double row_value(const cJSON *row, const char *name);
bool row_is(const cJSON *row, const char *subject);
const char *row_name(const cJSON *row);

/* What a unikernel did between two readings: rates are per second; shares of the CPU in percent. */
struct figures {
	double seconds; /* between the readings */
	double app_percent, overlay_percent, idle_percent;
	double memory_used, memory_limit; /* bytes; of what the guest manages */
	bool network;			  /* false: the image has none, and the next lines are 0 */
	double rx_bytes, rx_packets, tx_bytes, tx_packets;
	unsigned connections;
	double read_bytes, reads, write_bytes, writes; /* of /host */
	unsigned programs;
};
/* False: there are no two readings of the same run. */
bool sampler_figures(const struct sampler *s, struct figures *ret);
/* The share of the CPU that a row's process or program had, in percent; 0 if it is new. */
double sampler_row_percent(const struct sampler *s, const cJSON *row);

#endif
