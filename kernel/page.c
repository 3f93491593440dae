/* page.c: the frame allocator. One 16-bit count per frame, a bitmap of free frames and a summary bitmap over it, so that
 * frames need not be touched to be free (the host gives a guest memory only when it is touched) and the lowest free
 * frame is found by two bit scans. Invariant: a frame's bit is set exactly when its count is 0. */
#include "kernel/page.h"
#include "kernel/panic.h"

#define REFS_MAX 60000u
#define REFS_RESERVED 0xffffu	/* not RAM, or not ours */
#define RANGES_DEFERRED_MAX 8
#define CONTIG_MAX 256u

struct range {
	uint64_t from, to;
};

static struct {
	uint64_t frames;	/* in the tables: [0, frames) */
	uint16_t *refs;		/* NULL until a range could hold the tables */
	uint64_t *map;		/* bit per frame: free */
	uint64_t *summary;	/* bit per word of map: not zero */
	uint64_t words, summary_words;
	uint64_t total, free, min_free;
	struct range deferred[RANGES_DEFERRED_MAX];
	unsigned deferred_count;
} pool;

static void mark_free(uint64_t frame)
{
	uint64_t word = frame / 64;

	pool.map[word] |= 1ULL << (frame % 64);
	pool.summary[word / 64] |= 1ULL << (word % 64);
	pool.refs[frame] = 0;
	pool.free++;
}

static void mark_used(uint64_t frame)
{
	uint64_t word = frame / 64;

	pool.map[word] &= ~(1ULL << (frame % 64));
	if (pool.map[word] == 0)
		pool.summary[word / 64] &= ~(1ULL << (word % 64));
	pool.refs[frame] = 1;
	pool.free--;
	if (pool.free < pool.min_free)
		pool.min_free = pool.free;
}

void page_init(uint64_t phys_end)
{
	memset(&pool, 0, sizeof(pool));
	pool.frames = phys_end / PAGE_SIZE;
	pool.words = (pool.frames + 63) / 64;
	pool.summary_words = (pool.words + 63) / 64;
}

/* Puts the tables at the start of the range if they fit; returns the bytes taken. */
static uint64_t place_tables(uint64_t from, uint64_t to)
{
	uint64_t need = PAGE_ALIGN_UP((pool.words + pool.summary_words) * 8 + pool.frames * 2);
	uint64_t *at = phys_to_virt((struct paddr){ from });

	if (to - from < need)
		return 0;
	memset(at, 0, (pool.words + pool.summary_words) * 8);
	pool.map = at;
	pool.summary = pool.map + pool.words;
	pool.refs = (uint16_t *) (pool.summary + pool.summary_words);
	memset(pool.refs, 0xff, pool.frames * 2);
	return need;
}

static void add_frame(uint64_t f)
{
	if (pool.refs[f] != REFS_RESERVED)
		panic("page: frame 0x%llx was added twice", (unsigned long long) f);
	mark_free(f);
	pool.total++;
}

/* A word of the map at a time: at boot this is all of memory. */
static void add_word(uint64_t first)
{
	uint64_t __attribute__((may_alias)) *refs = (void *) &pool.refs[first];
	uint64_t word = first / 64;

	for (unsigned i = 0; i < 16; i++) {
		if (~refs[i])
			panic("page: frame 0x%llx was added twice", (unsigned long long) first);
		refs[i] = 0;
	}
	pool.map[word] = ~0ULL;
	pool.summary[word / 64] |= 1ULL << (word % 64);
	pool.free += 64;
	pool.total += 64;
}

static void add_frames(uint64_t from, uint64_t to)
{
	uint64_t f = from / PAGE_SIZE, end = to / PAGE_SIZE;

	while (f < end)
		if (f % 64 == 0 && end - f >= 64) {
			add_word(f);
			f += 64;
		} else {
			add_frame(f++);
		}
	pool.min_free = pool.free;
}

void page_add_range(uint64_t from, uint64_t to)
{
	from = MAX(PAGE_ALIGN_UP(from), PAGE_SIZE);
	to = MIN(PAGE_ALIGN_DOWN(to), pool.frames * PAGE_SIZE);
	if (from >= to)
		return;
	if (!pool.refs) {
		uint64_t taken = place_tables(from, to);

		if (taken == 0) {
			if (pool.deferred_count < RANGES_DEFERRED_MAX)
				pool.deferred[pool.deferred_count++] = (struct range){ from, to };
			return;
		}
		from += taken;
		for (unsigned i = 0; i < pool.deferred_count; i++)
			add_frames(pool.deferred[i].from, pool.deferred[i].to);
	}
	add_frames(from, to);
}

int page_alloc(struct paddr *ret_page)
{
	for (uint64_t s = 0; s < pool.summary_words; s++) {
		uint64_t word, frame;

		if (pool.summary[s] == 0)
			continue;
		word = s * 64 + (uint64_t) __builtin_ctzll(pool.summary[s]);
		frame = word * 64 + (uint64_t) __builtin_ctzll(pool.map[word]);
		mark_used(frame);
		ret_page->pa = frame * PAGE_SIZE;
		return 0;
	}
	return -ENOMEM;
}

int page_alloc_zeroed(struct paddr *ret_page)
{
	int r = page_alloc(ret_page);

	if (r == 0)
		memset(phys_to_virt(*ret_page), 0, PAGE_SIZE);
	return r;
}

int page_alloc_contig(unsigned count, struct paddr *ret_first)
{
	uint64_t run = 0;

	if (count == 0 || count > CONTIG_MAX)
		return -ENOMEM;
	for (uint64_t f = 0; f < pool.frames; f++) {
		if (pool.map[f / 64] == 0) {
			run = 0;
			f |= 63;
			continue;
		}
		run = pool.map[f / 64] & (1ULL << (f % 64)) ? run + 1 : 0;
		if (run == count) {
			uint64_t first = f + 1 - count;

			for (uint64_t i = first; i <= f; i++)
				mark_used(i);
			ret_first->pa = first * PAGE_SIZE;
			memset(phys_to_virt(*ret_first), 0, count * PAGE_SIZE);
			return 0;
		}
	}
	return -ENOMEM;
}

static uint16_t *refs_of(struct paddr page)
{
	uint64_t frame = page.pa / PAGE_SIZE;

	if (page.pa % PAGE_SIZE || frame >= pool.frames || pool.refs[frame] == 0 || pool.refs[frame] > REFS_MAX)
		panic("page: 0x%llx is not a frame in use", (unsigned long long) page.pa);
	return &pool.refs[frame];
}

void page_get(struct paddr page)
{
	uint16_t *refs = refs_of(page);

	if (*refs == REFS_MAX)
		panic("page: too many references to 0x%llx", (unsigned long long) page.pa);
	++*refs;
}

void page_put(struct paddr page)
{
	uint16_t *refs = refs_of(page);

	if (--*refs == 0)
		mark_free(page.pa / PAGE_SIZE);
}

void page_put_contig(struct paddr first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		page_put((struct paddr){ first.pa + i * PAGE_SIZE });
}

unsigned page_refs(struct paddr page)
{
	return *refs_of(page);
}

void page_set_tag(struct paddr page, unsigned tag)
{
	pool.refs[page.pa / PAGE_SIZE] = tag ? (uint16_t) tag : 1;
}

unsigned page_tag(struct paddr page)
{
	uint64_t frame = page.pa / PAGE_SIZE;

	if (frame >= pool.frames || pool.refs[frame] <= REFS_MAX || pool.refs[frame] == REFS_RESERVED)
		return 0;
	return pool.refs[frame];
}

void page_get_stats(struct page_stats *ret)
{
	*ret = (struct page_stats){ .total = pool.total, .free = pool.free, .min_free = pool.min_free };
}
