/*
 * series.c: numbers of one kind. See bench.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

void series_add(struct series *s, double v)
{
	if (s->n == SERIES_MAX)
		die(1, "bench: too many values in a series");
	s->v[s->n++] = v;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double series_quantile(const struct series *s, double q)
{
	double sorted[SERIES_MAX], at, part;
	unsigned low;

	if (!s->n)
		return NAN;
	memcpy(sorted, s->v, s->n * sizeof(double));
	qsort(sorted, s->n, sizeof(double), compare);
	at = q * (s->n - 1);
	low = (unsigned)at;
	part = at - low;
	return low + 1 < s->n ? sorted[low] * (1 - part) + sorted[low + 1] * part : sorted[low];
}

double series_median(const struct series *s)
{
	return series_quantile(s, 0.5);
}
