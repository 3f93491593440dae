/* pure */
/*
 * verify_prune.c: kept states. Where paths meet, a path ends if a state was kept there from which all ways were walked
 * and found safe, and which says all that matters of this one. A path that comes back to a state of its own with
 * nothing changed would run for ever.
 *
 * Callbacks: how often a helper runs one is known when it runs, and bounded by the helper. So a path may end, too,
 * where it comes back to the helper's call with no more than it had there before: the turn after it would do what was
 * looked at. What was kept on the way then counts as walked only when the call's own state does: until then it `waits`.
 */
#include "bpf/verify_priv.h"

/* A state is kept if its path has come this far since the last one. */
#define KEEP_STEPS 8
#define KEEP_JUMPS 2

/* Turns of a callback after which all that changes on the stack is forgotten. */
#define TURNS_MAX 64

/* The oldest unfinished state that NODE still waits for, or null. */
static struct vnode *waits_for(struct vnode *node)
{
	while (node->waits && node->waits->branches == 0)
		node->waits = node->waits->waits;
	return node->waits;
}

/* This path goes on as FOR, an ancestor of it, does: so do those of all kept states between. */
static void let_wait(struct verifier *v, struct vnode *for_node)
{
	for (struct vnode *n = v->parent; n && n->depth > for_node->depth; n = n->parent)
		if (!waits_for(n) || n->waits->depth > for_node->depth)
			n->waits = for_node;
}

static void drop_state(struct verifier *v, struct vnode *node)
{
	bpf_mem_free(v->mem, node->state, node->state_size);
	node->state = NULL;
}

enum verdict { GO_ON, PATH_KNOWN, ENDLESS };

static enum verdict look_at(struct verifier *v, struct vnode *node, bool callback)
{
	struct vnode *waits;

	if (node->branches) {
		if (callback) {
			if (!state_compare(v, node->state, COMPARE_WITHIN))
				return GO_ON;
			let_wait(v, node);
			return PATH_KNOWN;
		}
		return state_compare(v, node->state, COMPARE_EQUAL) ? ENDLESS : GO_ON;
	}
	waits = waits_for(node);
	if (!waits)
		return state_compare(v, node->state, COMPARE_SAFE) ? PATH_KNOWN : GO_ON;
	if (!state_compare(v, node->state, COMPARE_WITHIN))
		return GO_ON;
	let_wait(v, waits);
	return PATH_KNOWN;
}

static void widen(struct verifier *v)
{
	for (struct vnode *node = v->aux[v->pc].kept; node; node = node->next)
		if (node->branches) {
			state_widen(v, node->state, v->state.turns > TURNS_MAX);
			return;
		}
}

static int keep(struct verifier *v, bool must)
{
	struct vnode *node;

	/* The last quarter of the memory is for paths that wait. */
	if (!must && v->mem->used > v->mem->budget - v->mem->budget / 4) {
		v->forgets = true;
		return 0;
	}
	node = verify_alloc(v, sizeof(*node));
	if (!node)
		return must ? refuse_with(v, -ENOMEM, "no memory to keep a state") : 0;
	node->state = state_pack(v, v->pc, &node->state_size);
	if (!node->state) {
		bpf_mem_free(v->mem, node, sizeof(*node));
		return must ? refuse_with(v, -ENOMEM, "no memory to keep a state") : 0;
	}
	node->parent = v->parent;
	node->depth = v->parent ? v->parent->depth + 1 : 0;
	node->branches = 1;
	node->next = v->aux[v->pc].kept;
	v->aux[v->pc].kept = node;
	v->parent = node;
	v->states++;
	v->steps_since = 0;
	v->jumps_since = 0;
	return 0;
}

int prune(struct verifier *v)
{
	bool callback = v->aux[v->pc].flags & AUX_CALLBACK;
	struct vnode **at = &v->aux[v->pc].kept;

	if (callback && v->state.turns)
		widen(v);
	while (*at) {
		struct vnode *node = *at;

		switch (look_at(v, node, callback)) {
		case PATH_KNOWN:
			if (node->hits < UINT16_MAX)
				node->hits++;
			v->path_done = true;
			log_text(v, "%u: as before\n", v->pc);
			return 0;
		case ENDLESS:
			return refuse(v, "the loop here comes back with nothing changed: it may run for ever");
		default:
			break;
		}
		/* One that is in the way more often than it helps goes; one in whose loop this is, later. */
		if (++node->misses > node->hits * 3u + (node->branches ? 64 : 3) && !(callback && node->branches)) {
			*at = node->next;
			drop_state(v, node);
			node->next = v->retired;
			v->retired = node;
			continue;
		}
		at = &node->next;
	}
	if (callback || (v->steps_since >= KEEP_STEPS && v->jumps_since >= KEEP_JUMPS))
		return keep(v, callback);
	return 0;
}

void prune_path_ends(struct verifier *v)
{
	struct vnode *node = v->parent;

	while (node && --node->branches == 0)
		node = node->parent;
}

static void free_list(struct verifier *v, struct vnode *node)
{
	while (node) {
		struct vnode *next = node->next;

		drop_state(v, node);
		bpf_mem_free(v->mem, node, sizeof(*node));
		node = next;
	}
}

void prune_free(struct verifier *v)
{
	for (uint32_t pc = 0; pc < v->prog->insn_count; pc++)
		free_list(v, v->aux[pc].kept);
	free_list(v, v->retired);
}
