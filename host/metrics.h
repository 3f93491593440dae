/*
 * metrics.h: the counters of unikernels as Prometheus's text format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats).
 */
#ifndef HOST_METRICS_H
#define HOST_METRICS_H

#include <stddef.h>

#include "host/sample.h"

/*
 * Metrics of all samplers after one reading each; one that did not answer (now is NULL) has uio_up 0 and nothing else.
 * Each metric stands once, with its help and type, and then a line for each unikernel. Returns a string that the caller
 * frees; *ret_size: its length.
 */
char *metrics_text(const struct sampler *samplers, size_t count, size_t *ret_size);

/*
 * Answers HTTP's GET /metrics at "[ADDRESS:]PORT" (without an address: 127.0.0.1), one request after the other, until
 * killed; make(context, &size) makes each answer. Returns 125 if it cannot listen, after saying why.
 */
int metrics_serve(const char *where, char *(*make)(void *context, size_t *ret_size), void *context);

#endif
