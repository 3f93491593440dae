/* kmem.c: the kernel heap. Small objects live in slabs of one frame each, a slab's head at the frame's start; an empty
 * slab goes back to the frame allocator at once, so that free memory after an action is what it was before. Anything
 * larger is a run of frames. The frame's tag (page.h) tells kfree() which it is. */
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/panic.h"

#define KMEM_MAX (64u * 1024)
#define FREE_MARK 0x5fee5fee5fee5feeULL

struct slab {
	struct list node;	/* in partial[class] while it has a free object */
	uint16_t class;
	uint16_t used;		/* objects handed out */
	uint16_t free;		/* offset of the first freed object, 0: none */
	uint16_t fresh;		/* offset of the first object that was never handed out, past the end: none */
} __attribute__((aligned(16)));

/* What a freed object holds. */
struct free_object {
	uint64_t next;		/* offset or 0 */
	uint64_t mark;		/* FREE_MARK ^ address: hints at a double free */
};
_Static_assert(sizeof(struct slab) == 32, "objects must be aligned to 16");

/* The larger sizes divide what the head leaves of a frame. */
static const uint16_t class_size[] = {
	16, 32, 48, 64, 96, 128, 192, 256, 336, 448, 576, 800, 1008, 1344, 2032,
};
#define CLASSES ARRAY_SIZE(class_size)
#define SMALL_MAX 2032u

static struct list partial[CLASSES];
static uint64_t bytes_used, frames_used;

static struct slab *slab_create(unsigned class)
{
	struct paddr page;
	struct slab *s;

	if (page_alloc(&page) < 0)
		return NULL;
	page_set_tag(page, PAGE_TAG_SLAB);
	frames_used++;
	s = phys_to_virt(page);
	s->class = (uint16_t) class;
	s->used = 0;
	s->free = 0;
	s->fresh = sizeof(*s);
	if (!partial[class].next)
		list_init(&partial[class]);
	list_add_head(&partial[class], &s->node);
	return s;
}

static bool slab_full(const struct slab *s)
{
	return s->free == 0 && s->fresh + class_size[s->class] > PAGE_SIZE;
}

static void *small_alloc(size_t size)
{
	unsigned class;
	struct slab *s = NULL;
	uint8_t *p;

	/* Below 64 every 16 has its class. */
	class = size <= 64 ? size ? (unsigned) (size - 1) / 16 : 0 : 4;
	while (class_size[class] < size)
		class++;
	if (partial[class].next)
		s = list_first(&partial[class], struct slab, node);
	if (!s)
		s = slab_create(class);
	if (!s)
		return NULL;
	if (s->free) {
		struct free_object *o = (struct free_object *) ((uint8_t *) s + s->free);

		s->free = (uint16_t) o->next;
		o->mark = 0;
		p = (uint8_t *) o;
	} else {
		p = (uint8_t *) s + s->fresh;
		s->fresh = (uint16_t) (s->fresh + class_size[class]);
	}
	s->used++;
	if (slab_full(s))
		list_del(&s->node);
	bytes_used += class_size[class];
	return p;
}

static void small_free(struct slab *s, void *p)
{
	unsigned offset = (unsigned) ((uint64_t) p & PAGE_MASK);
	struct free_object *o = p;
	bool was_full = slab_full(s);

	if (s->class >= CLASSES || offset < sizeof(*s) || offset >= s->fresh ||
	    (offset - sizeof(*s)) % class_size[s->class])
		panic("kfree: %p is not an object", p);
	if (o->mark == (FREE_MARK ^ (uint64_t) p)) {
		for (unsigned at = s->free; at; at = (unsigned) ((struct free_object *) ((uint8_t *) s + at))->next) {
			if (at == offset)
				panic("kfree: %p is free already", p);
		}
	}
	bytes_used -= class_size[s->class];
	if (--s->used == 0) {
		struct paddr page = virt_to_phys(s);

		list_del(&s->node);
		frames_used--;
		page_set_tag(page, 0);
		page_put(page);
		return;
	}
	o->next = s->free;
	o->mark = FREE_MARK ^ (uint64_t) p;
	s->free = (uint16_t) offset;
	if (was_full)
		list_add_head(&partial[s->class], &s->node);
}

static void *large_alloc(size_t size)
{
	unsigned count = (unsigned) (PAGE_ALIGN_UP(size) / PAGE_SIZE);
	struct paddr first;
	int r;

	r = count == 1 ? page_alloc(&first) : page_alloc_contig(count, &first);
	if (r < 0)
		return NULL;
	page_set_tag(first, PAGE_TAG_RUN + count);
	frames_used += count;
	bytes_used += count * PAGE_SIZE;
	return phys_to_virt(first);
}

static void large_free(struct paddr first, unsigned count)
{
	frames_used -= count;
	bytes_used -= count * PAGE_SIZE;
	page_set_tag(first, 0);
	page_put_contig(first, count);
}

void *kmalloc(size_t size)
{
	if (size > KMEM_MAX)
		return NULL;
	return size <= SMALL_MAX ? small_alloc(size) : large_alloc(size);
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

/* The bytes that may be used at p. */
static size_t object_size(const void *p, unsigned *ret_tag)
{
	unsigned tag = page_tag((struct paddr){ PAGE_ALIGN_DOWN(virt_to_phys(p).pa) });

	*ret_tag = tag;
	if (tag == PAGE_TAG_SLAB)
		return class_size[((struct slab *) PAGE_ALIGN_DOWN(p))->class];
	if (tag <= PAGE_TAG_RUN || (uint64_t) p & PAGE_MASK)
		panic("kmem: %p is not from the heap", p);
	return (tag - PAGE_TAG_RUN) * PAGE_SIZE;
}

void kfree(void *p)
{
	unsigned tag;

	if (!p)
		return;
	object_size(p, &tag);
	if (tag == PAGE_TAG_SLAB)
		small_free((struct slab *) PAGE_ALIGN_DOWN(p), p);
	else
		large_free(virt_to_phys(p), tag - PAGE_TAG_RUN);
}

void *krealloc(void *p, size_t size)
{
	size_t old;
	unsigned tag;
	void *q;

	if (!p)
		return kmalloc(size);
	old = object_size(p, &tag);
	if (size <= old && size * 2 >= old)
		return p;
	q = kmalloc(size);
	if (!q)
		return NULL;
	memcpy(q, p, MIN(old, size));
	kfree(p);
	return q;
}

char *kstrndup(const char *s, size_t n)
{
	size_t len = 0;
	char *p;

	while (len < n && s[len])
		len++;
	p = kmalloc(len + 1);
	if (!p)
		return NULL;
	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *kstrdup(const char *s)
{
	return kstrndup(s, strlen(s));
}

void kmem_get_stats(uint64_t *ret_bytes, uint64_t *ret_frames)
{
	*ret_bytes = bytes_used;
	*ret_frames = frames_used;
}
