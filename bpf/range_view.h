/* pure */
/*
 * range_view.h: a range seen at one width: all of it, or its low half. Private to range_alu.c and range_branch.c, whose
 * rules are the same for both widths.
 */
#ifndef BPF_RANGE_VIEW_H
#define BPF_RANGE_VIEW_H

#include "bpf/range.h"

/* Numbers of WIDTH bits: bits and unsigned bounds without high part, signed bounds as they are. */
struct view {
	struct tnum bits;
	uint64_t umin, umax;
	int64_t smin, smax;
	unsigned width; /* 32 or 64 */
};

static inline struct view view_of(const struct range *r, bool is64)
{
	if (is64)
		return (struct view){r->bits, r->umin, r->umax, r->smin, r->smax, 64};
	return (struct view){tnum_low(r->bits), r->umin32, r->umax32, r->smin32, r->smax32, 32};
}

static inline uint64_t view_umax(unsigned width)
{
	return UINT64_MAX >> (64 - width);
}

static inline int64_t view_smax(unsigned width)
{
	return INT64_MAX >> (64 - width);
}

static inline int64_t view_smin(unsigned width)
{
	return -view_smax(width) - 1;
}

/* Takes the width's bounds from V; the rest stays. The caller syncs. */
static inline void view_put_bounds(struct range *r, const struct view *v)
{
	if (v->width == 64) {
		r->umin = v->umin;
		r->umax = v->umax;
		r->smin = v->smin;
		r->smax = v->smax;
	} else {
		r->umin32 = (uint32_t)v->umin;
		r->umax32 = (uint32_t)v->umax;
		r->smin32 = (int32_t)v->smin;
		r->smax32 = (int32_t)v->smax;
	}
}

#endif
