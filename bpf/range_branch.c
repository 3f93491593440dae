/* pure */
/*
 * range_branch.c: what the outcome of a comparison tells about its operands. A comparison that cannot have an outcome
 * is found here, too: the operands' descriptions contradict each other.
 */
#include "bpf/insn.h"
#include "bpf/range_view.h"

static bool empty(const struct view *v)
{
	return v->umin > v->umax || v->smin > v->smax;
}

static bool equal(struct view *a, struct view *b)
{
	struct tnum both;

	if (!tnum_intersect(a->bits, b->bits, &both))
		return false;
	a->bits = both;
	a->umin = a->umin > b->umin ? a->umin : b->umin;
	a->umax = a->umax < b->umax ? a->umax : b->umax;
	a->smin = a->smin > b->smin ? a->smin : b->smin;
	a->smax = a->smax < b->smax ? a->smax : b->smax;
	*b = *a;
	return !empty(a);
}

/* A is not the one value that B has: it can only be cut off at an end. */
static bool exclude(struct view *a, const struct view *b)
{
	if (!tnum_is_const(b->bits))
		return true;
	if (tnum_is_const(a->bits) && a->bits.value == b->bits.value)
		return false;
	if (a->umin == b->umin)
		a->umin++;
	else if (a->umax == b->umin)
		a->umax--;
	if (a->smin == b->smin)
		a->smin++;
	else if (a->smax == b->smin)
		a->smax--;
	return !empty(a);
}

/* A < B, or A <= B with OR_EQUAL. */
static bool below(struct view *a, struct view *b, bool or_equal)
{
	uint64_t one = or_equal ? 0 : 1;

	if (one && (b->umax == 0 || a->umin == view_umax(a->width)))
		return false;
	if (a->umax > b->umax - one)
		a->umax = b->umax - one;
	if (b->umin < a->umin + one)
		b->umin = a->umin + one;
	return !empty(a) && !empty(b);
}

static bool below_signed(struct view *a, struct view *b, bool or_equal)
{
	int64_t one = or_equal ? 0 : 1;

	if (one && (b->smax == view_smin(a->width) || a->smin == view_smax(a->width)))
		return false;
	if (a->smax > b->smax - one)
		a->smax = b->smax - one;
	if (b->smin < a->smin + one)
		b->smin = a->smin + one;
	return !empty(a) && !empty(b);
}

/* A and B have a bit in common, or (not TAKEN) none. B's known ones say something about A. */
static bool common_bits(struct view *a, const struct view *b, bool taken)
{
	if (!taken) {
		if (a->bits.value & b->bits.value)
			return false;
		a->bits.mask &= ~b->bits.value;
		return true;
	}
	if (!((a->bits.value | a->bits.mask) & (b->bits.value | b->bits.mask)))
		return false;
	if (tnum_is_const(b->bits) && !(b->bits.value & (b->bits.value - 1))) {
		a->bits.value |= b->bits.value;
		a->bits.mask &= ~b->bits.value;
	}
	return true;
}

static unsigned negation(unsigned op)
{
	switch (op) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JNE:
		return BPF_JEQ;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JGE:
		return BPF_JLT;
	case BPF_JLT:
		return BPF_JGE;
	case BPF_JLE:
		return BPF_JGT;
	case BPF_JSGT:
		return BPF_JSLE;
	case BPF_JSGE:
		return BPF_JSLT;
	case BPF_JSLT:
		return BPF_JSGE;
	default:
		return BPF_JSGT;
	}
}

static bool holds(unsigned op, struct view *a, struct view *b)
{
	switch (op) {
	case BPF_JEQ:
		return equal(a, b);
	case BPF_JNE:
		return exclude(a, b) && exclude(b, a);
	case BPF_JGT:
		return below(b, a, false);
	case BPF_JGE:
		return below(b, a, true);
	case BPF_JLT:
		return below(a, b, false);
	case BPF_JLE:
		return below(a, b, true);
	case BPF_JSGT:
		return below_signed(b, a, false);
	case BPF_JSGE:
		return below_signed(b, a, true);
	case BPF_JSLT:
		return below_signed(a, b, false);
	case BPF_JSLE:
		return below_signed(a, b, true);
	default:
		return true;
	}
}

static bool put_back(struct range *r, const struct view *v)
{
	r->bits = v->width == 64 ? v->bits : tnum_with_low(r->bits, v->bits);
	view_put_bounds(r, v);
	return range_sync(r);
}

bool range_branch(unsigned op, bool is64, bool taken, struct range *a, struct range *b)
{
	struct view va = view_of(a, is64), vb = view_of(b, is64);
	struct view old = va;

	if (op == BPF_JSET) {
		if (!common_bits(&va, &vb, taken) || !common_bits(&vb, &old, taken))
			return false;
	} else if (!holds(taken ? op : negation(op), &va, &vb)) {
		return false;
	}
	/* Both halves of an equality: what one side knows of the other width holds for both only at 64 bits. */
	return put_back(a, &va) && put_back(b, &vb);
}
