/* pure */
/*
 * verify_ref.c: references: memory that a helper gave and wants back. Each is released once, on every path, by the
 * function that got it or one that it was handed to.
 */
#include "bpf/verify_priv.h"

int ref_acquire(struct verifier *v, uint32_t *ret_id)
{
	struct vstate *s = &v->state;

	if (s->refs == REFS_MAX)
		return refuse(v, "%u references are held, the limit is %u", REFS_MAX + 1, REFS_MAX);
	s->ref[s->refs++] = (struct vref){.id = ++v->id, .insn = v->pc, .frame = s->frames - 1};
	*ret_id = v->id;
	return 0;
}

bool ref_release(struct verifier *v, uint32_t id)
{
	struct vstate *s = &v->state;

	for (unsigned i = 0; i < s->refs; i++)
		if (s->ref[i].id == id) {
			for (; i + 1 < s->refs; i++)
				s->ref[i] = s->ref[i + 1];
			s->refs--;
			return true;
		}
	return false;
}

int ref_check_none(struct verifier *v, const char *where)
{
	if (!v->state.refs)
		return 0;
	return refuse(v, "the memory reserved by insn %u is not released %s", v->state.ref[0].insn, where);
}
