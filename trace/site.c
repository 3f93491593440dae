/* site.c: see site.h. The code that sites lead to is in detour.c. */
#include "trace/site.h"

#include "arch/x86_64/asm.h"
#include "kernel/clock.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"
#include "kernel/usercopy.h"
#include "overlay/part.h"
#include "trace/area.h"
#include "trace/detour.h"
#include "trace/insn.h"
#include "trace/standing.h"
#include "trace/targets.h"

#define BUCKETS	      256
#define INT3	      0xcc
#define JMP	      0xe9
#define LATE_FIRST_NS (5 * NSEC_PER_MSEC)
#define LATE_MAX_NS   NSEC_PER_SEC

static const uint8_t nop5[SITE_JUMP_SIZE] = {0x0f, 0x1f, 0x44, 0x00, 0x00}; /* gcc's and binutils' */

static struct list sites[BUCKETS];
static struct list late = LIST_INIT(late);
static struct ktimer late_timer;
static uint64_t late_ns;

extern char __text_start[], __text_end[], trap_stubs[], arch_switch[], ist_irq_top[];

static struct list *bucket(uint64_t at)
{
	return &sites[(at * 0x9e3779b97f4a7c15ULL) >> 56];
}
_Static_assert(BUCKETS == 256, "the key's upper 8 bits");

struct site *site_find(uint64_t at)
{
	struct site *s;

	list_for_each (s, bucket(at), node)
		if (s->at == at)
			return s;
	return NULL;
}

static size_t patched(const struct site *s)
{
	return s->way == SITE_JUMP ? SITE_JUMP_SIZE : s->way == SITE_INT3;
}

size_t site_original(uint64_t at, uint8_t *code, size_t size)
{
	const struct site *s;

	size = MIN(size, (uint64_t)__text_end - at);
	memcpy(code, (const void *)at, size);
	for (uint64_t a = at - (SITE_JUMP_SIZE - 1); a < at + size; a++) {
		if (!(s = site_find(a)))
			continue;
		for (uint64_t i = 0; i < patched(s); i++)
			if (a + i >= at && a + i < at + size)
				code[a + i - at] = s->original[i];
	}
	return size;
}

static bool in_use(const struct site *s)
{
	return !list_empty(&s->entry_hooks) || !list_empty(&s->return_hooks);
}

/* The application's own breakpoint stays its own; a fault at the instruction is expected where it stands; and in the
 * entries from ring 3 the kernel has not got its rights yet. */
static bool may_stop_at(uint64_t at, uint8_t first)
{
	return first != INT3 && !ex_table_lookup(at) && (at < (uint64_t)trap_stubs || at >= (uint64_t)arch_switch);
}

/* Finds out whether a jump can be there, and makes what it leads to. Without memory there is none. */
static void make_detour(struct site *s, const uint8_t *code, size_t n)
{
	size_t length = 0;

	s->nop = n >= sizeof(nop5) && !memcmp(code, nop5, sizeof(nop5));
	for (size_t i = 0; length < SITE_JUMP_SIZE; i = length) {
		int r = insn_length(code + i, n - i);

		if (r < 0 || (i && !may_stop_at(s->at + i, code[i])))
			return;
		length += (size_t)r;
	}
	if (!s->nop && targets_between(s->at, s->at + length))
		return;
	s->length = (uint8_t)length;
	s->detour = detour_make(s, code, n, &s->detour_size);
}

int site_make(uint64_t at, struct site **ret)
{
	uint8_t code[SITE_LENGTH_MAX + 16];
	struct site *s = site_find(at);
	size_t n;
	int r;

	*ret = s;
	if (s)
		return 0;
	n = site_original(at, code, sizeof(code));
	if (!may_stop_at(at, code[0]))
		return -EPERM;
	s = kzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	list_init(&s->entry_hooks);
	list_init(&s->return_hooks);
	list_init(&s->late);
	s->at = at;
	memcpy(s->original, code, MIN(n, sizeof(s->original)));
	r = detour_moved(at, code, n, &s->moved, &s->moved_size);
	if (r < 0) {
		kfree(s);
		return r;
	}
	make_detour(s, code, n);
	list_add_head(bucket(at), &s->node);
	*ret = s;
	return 0;
}

/* Other probes between the instructions under the jump want to be reached. */
static bool shares(const struct site *s)
{
	for (uint64_t at = s->at + 1; at < s->at + s->length; at++) {
		const struct site *other = site_find(at);

		if (other && in_use(other))
			return true;
	}
	return false;
}

/* SDM vol. 3A 9.1.3: text_poke() serialises before anything runs of this, and nobody stands inside what changes: a thread
 * at the first byte finds the old instruction or the new one, whole. */
static int change(struct site *s, enum site_way way)
{
	uint8_t bytes[SITE_JUMP_SIZE];
	int32_t rel = (int32_t)(s->detour - (s->at + SITE_JUMP_SIZE));
	size_t n = way == SITE_JUMP || s->way == SITE_JUMP ? SITE_JUMP_SIZE : 1;
	int r;

	if (way == s->way)
		return 0;
	memcpy(bytes, s->original, sizeof(bytes));
	if (way == SITE_INT3)
		bytes[0] = INT3;
	if (way == SITE_JUMP) {
		bytes[0] = JMP;
		memcpy(bytes + 1, &rel, 4);
	}
	r = text_poke(s->at, bytes, n);
	if (r == 0)
		s->way = way;
	return r;
}

/* From the breakpoint to the jump, if nobody stands there now. */
static bool can_jump(const struct site *s)
{
	return s->nop || s->way == SITE_JUMP || !standing_between(s->at, s->at + s->length);
}

/* The timer is due while a breakpoint that is hit all the time is handled, nearly always, so it comes at the first of the
 * instructions that are done elsewhere for it: by the interrupt's frame (entry.S) the thread may as well go on where the
 * jump would have led it, which is not in the jump's way. */
static void step_aside(const struct site *s)
{
	struct trap_frame *f = (struct trap_frame *)((uint64_t)ist_irq_top - FRAME_SIZE);

	if (!frame_from_user(f) && f->rip == s->moved)
		f->rip = detour_behind_probe(s);
}

static void again(struct ktimer *timer)
{
	struct site *s, *next;

	list_for_each_safe (s, next, &late, late) {
		step_aside(s);
		if (can_jump(s) && change(s, SITE_JUMP) == 0) {
			list_del(&s->late);
			list_init(&s->late);
		}
	}
	late_ns = MIN(late_ns * 2, LATE_MAX_NS);
	if (!list_empty(&late))
		ktimer_start(timer, clock_monotonic_ns() + late_ns, again);
}

static void try_later(struct site *s)
{
	list_add_tail(&late, &s->late);
	late_ns = LATE_FIRST_NS;
	ktimer_cancel(&late_timer);
	ktimer_start(&late_timer, clock_monotonic_ns() + late_ns, again);
}

static int settle_one(struct site *s)
{
	bool jump = in_use(s) && s->detour && !shares(s);

	list_del(&s->late);
	list_init(&s->late);
	if (list_empty(&late))
		ktimer_cancel(&late_timer);
	if (!in_use(s))
		return change(s, SITE_OFF);
	if (jump && can_jump(s))
		return change(s, SITE_JUMP);
	if (jump)
		try_later(s);
	return change(s, SITE_INT3);
}

/* Jumps that cover this place make room before it is armed, and come back when it is no more. */
static int settle_before(struct site *s)
{
	for (uint64_t at = s->at - 1; at > s->at - SITE_LENGTH_MAX; at--) {
		struct site *before = site_find(at);
		int r = before && before->length > s->at - at ? settle_one(before) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int site_settle(struct site *s)
{
	bool arm = in_use(s);
	int r = arm ? settle_before(s) : 0;

	if (r == 0)
		r = settle_one(s);
	if (r == 0 && !arm)
		settle_before(s);
	return r;
}

const char *site_way_name(const struct site *s)
{
	return s->way == SITE_OFF ? "" : s->way == SITE_INT3 ? "int3" : s->nop ? "nop" : "jump";
}

/* The site for which code at ip is done there, or NULL. */
static const struct site *elsewhere(uint64_t ip)
{
	const struct site *s;

	if (ip < PART_AREA || ip >= PART_END)
		return NULL;
	for (unsigned i = 0; i < BUCKETS; i++)
		list_for_each (s, &sites[i], node)
			if (ip - s->moved < s->moved_size || ip - s->detour < s->detour_size)
				return s;
	return NULL;
}

bool site_leads_between(uint64_t ip, uint64_t from, uint64_t to)
{
	const struct site *s = elsewhere(ip);

	return s && s->at + SITE_LENGTH_MAX > from && s->at < to && (s->at != from || ip - s->detour >= s->detour_size);
}

uint64_t site_real_ip(uint64_t ip)
{
	const struct site *s = elsewhere(ip);

	return s ? s->at : ip;
}

void site_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++)
		list_init(&sites[i]);
}
