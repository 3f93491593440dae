/* returns.c: see returns.h. An address is found again by the place that it has on the stack, which serves recursion, tail calls
 * (several records of one place) and calls that never return: what longjmp(), an exception or a thread's end leaves behind
 * goes when the place is used again, or when there is no room left. */
#include "trace/returns.h"

#include "kernel/panic.h"
#include "kernel/thread.h"
#include "trace/peek.h"

#define BUCKETS 256
#define RETURNS 1024
#define TAKEN_OFF_MAX 1024 /* bytes of arguments */
#define LOOK_AHEAD 4096
#define LOOKS	16 /* records that are looked at when there is no room: so often in a row that takes no long */

struct returning {
	struct list node; /* in its bucket by slot, newest first; or free */
	uint64_t slot;	  /* where the return address lies */
	uint64_t back;	  /* what it was */
	struct site *site;
	const struct thread *thread; /* to compare; it may have ended */
};

static struct list returns[BUCKETS], returns_free;
static struct returning return_pool[RETURNS];

extern const char probe_return[], __text_start[], __text_end[];

static struct list *bucket(uint64_t slot)
{
	return &returns[(slot * 0x9e3779b97f4a7c15ULL) >> 56];
}
_Static_assert(BUCKETS == 256, "the key's upper 8 bits");

static void forget(struct returning *r)
{
	list_del(&r->node);
	list_add_head(&returns_free, &r->node);
}

/* False if there is something else now: the call has ended in its own way, or an unwinder has had the address put back. Our
 * address stays there until the record is taken, also while the function is on its way back to us, when signals may come. */
static bool is_ours(uint64_t slot)
{
	uint64_t there;

	return peek(&there, slot, sizeof(there)) == 0 && there == (uint64_t)probe_return;
}

/* A bounded look, as many calls may come while all are in use. */
static void make_room(void)
{
	static unsigned next;

	for (unsigned i = 0; i < LOOKS; i++) {
		struct returning *r = &return_pool[next];

		next = (next + 1) % RETURNS;
		if (!is_ours(r->slot))
			forget(r);
	}
}

bool returns_divert(struct site *s, uint64_t slot)
{
	struct list *b = bucket(slot);
	uint64_t *address = (uint64_t *)slot;
	struct returning *r, *next;

	/* What was here has ended; but a jump from one probed function into another did not end anything. */
	if (*address != (uint64_t)probe_return)
		list_for_each_safe (r, next, b, node)
			if (r->slot == slot)
				forget(r);
	if (list_empty(&returns_free))
		make_room();
	r = list_first(&returns_free, struct returning, node);
	if (!r)
		return false;
	list_del(&r->node);
	r->slot = slot;
	r->back = *address;
	r->site = s;
	r->thread = current();
	list_add_head(b, &r->node);
	*address = (uint64_t)probe_return;
	return true;
}

static struct returning *find(uint64_t slot)
{
	struct returning *r;

	list_for_each (r, bucket(slot), node)
		if (r->slot == slot)
			return r;
	return NULL;
}

/* True if there is a RET imm16 (SDM vol. 2: C2) by that many bytes behind the place. */
static bool takes_off(const struct site *s, uint64_t bytes)
{
	const uint8_t *end = (const uint8_t *)MIN(s->at + LOOK_AHEAD, (uint64_t)__text_end - 2);

	for (const uint8_t *c = (const uint8_t *)s->at; c < end; c++)
		if (c[0] == 0xc2 && c[1] == (bytes & 255) && c[2] == bytes >> 8)
			return true;
	return false;
}

/* A function that takes its arguments off the stack ends above its slot: then the nearest below. */
static struct returning *find_below(uint64_t slot)
{
	struct returning *r, *found = NULL;

	for (unsigned i = 0; i < BUCKETS; i++)
		list_for_each (r, &returns[i], node)
			if (r->thread == current() && r->slot < slot && slot - r->slot <= TAKEN_OFF_MAX &&
			    (!found || r->slot > found->slot) && takes_off(r->site, slot - r->slot))
				found = r;
	return found;
}

uint64_t returns_take(uint64_t slot, struct site **ret_site)
{
	struct returning *r = find(slot);
	uint64_t back;

	if (!r)
		r = find_below(slot);
	if (!r) {
		/* A signal's handler has unwound, returns_undo(), when the function had already come to us. */
		if (peek(&back, slot, sizeof(back)) == 0 && back >= (uint64_t)__text_start &&
		    back < (uint64_t)__text_end && back != (uint64_t)probe_return) {
			*ret_site = NULL;
			return back;
		}
		panic("a probed function returned on a stack that was moved");
	}
	*ret_site = r->site;
	back = r->back;
	forget(r);
	return back;
}

uint64_t returns_real(uint64_t slot)
{
	const struct returning *r;

	/* The oldest: a function that was jumped to from a probed one returns to us. */
	list_for_each (r, bucket(slot), node)
		if (r->slot == slot && r->back != (uint64_t)probe_return)
			return r->back;
	return 0;
}

void returns_undo(uint64_t from, void (*missed)(struct site *s))
{
	struct returning *r, *next;

	for (unsigned i = 0; i < BUCKETS; i++)
		list_for_each_safe (r, next, &returns[i], node) {
			if (r->thread != current() || r->slot < from || !is_ours(r->slot))
				continue;
			*(uint64_t *)r->slot = r->back;
			missed(r->site);
			forget(r);
		}
}

void returns_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&returns[i]);
	list_init(&returns_free);
	for (unsigned i = 0; i < RETURNS; i++)
		list_add_tail(&returns_free, &return_pool[i].node);
}
