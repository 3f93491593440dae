/* ninep_page.c: pages of 9p files that are mapped. A page stays as long as a mapping has it or its content is not
 * written back; after that, the next mapping asks the server again. */
#include "fs/ninep_node.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/thread.h"
#include "kernel/vm.h"

#define PAGE_REFS_MAX 50000 /* mappings of one page; page_get() ends at 60000 */

static struct ninep_page *find(struct ninep_node *n, uint64_t index)
{
	struct hash_node *h = hash_table_first(&n->page_table, hash_u64(index));

	for (; h; h = hash_table_next(h)) {
		struct ninep_page *p = container_of(h, struct ninep_page, hash);

		if (p->index == index)
			return p;
	}
	return NULL;
}

static void drop(struct ninep_node *n, struct ninep_page *p)
{
	(void) hash_table_del(&n->page_table, &p->hash);
	list_del(&p->node);
	page_put(p->frame);
	kfree(p);
}

/* A clean page that nobody maps would be read again before its next use (ninep_get_page()). */
static void drop_unused(struct ninep_node *n)
{
	struct ninep_page *p, *next;

	list_for_each_safe(p, next, &n->pages, node)
		if (!p->dirty && page_refs(p->frame) == 1)
			drop(n, p);
}

/* Reads page `index` into a new frame; what lies behind the file's end is zero. -EFAULT: the page does. */
static int fetch(struct ninep_node *n, uint64_t index, struct paddr *ret)
{
	struct p9_segment s = { .len = PAGE_SIZE };
	kssize_t got;
	struct page_stats mem;
	int r;

	page_get_stats(&mem);
	if (current()->window && mem.free <= vm_reserve_pages())
		return -ENOMEM;
	r = page_alloc_zeroed(&s.at);
	if (r < 0)
		return r;
	got = ninep_read_frames(n, &s, 1, index * PAGE_SIZE);
	if (got <= 0) {
		page_put(s.at);
		return got < 0 ? (int) got : -EFAULT;
	}
	*ret = s.at;
	return 0;
}

int ninep_get_page(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret)
{
	struct ninep_node *n = ninep_node(v);
	struct ninep_page *p = find(n, index), *other;
	struct paddr frame;
	int r;

	if (p && page_refs(p->frame) > PAGE_REFS_MAX)
		return -ENOMEM;
	if (p && (p->dirty || page_refs(p->frame) > 1)) {
		page_get(p->frame);
		*ret = p->frame;
		return 0;
	}
	r = ninep_open_fids(n, true, for_write);
	if (r >= 0)
		r = fetch(n, index, &frame);
	if (r < 0)
		return r;
	/* While this waited, another may have brought the page. */
	other = find(n, index);
	if (other && (other->dirty || page_refs(other->frame) > 1)) {
		page_put(frame);
		page_get(other->frame);
		*ret = other->frame;
		return 0;
	}
	if (other)
		drop(n, other);
	p = kzalloc(sizeof(*p));
	if (!p) {
		page_put(frame);
		return -ENOMEM;
	}
	p->index = index;
	p->frame = frame;
	list_add_tail(&n->pages, &p->node);
	hash_table_add(&n->page_table, &p->hash, hash_u64(index));
	page_get(frame);
	*ret = frame;
	return 0;
}

void ninep_page_dirty(struct vnode *v, uint64_t index)
{
	struct ninep_page *p = find(ninep_node(v), index);

	if (p)
		p->dirty = true;
}

static struct ninep_page *next_dirty(struct ninep_node *n, uint64_t first, uint64_t count)
{
	struct ninep_page *p;

	list_for_each(p, &n->pages, node)
		if (p->dirty && p->index >= first && p->index - first < count)
			return p;
	return NULL;
}

bool ninep_is_dirty(struct ninep_node *n)
{
	return next_dirty(n, 0, UINT64_MAX);
}

int ninep_sync(struct vnode *v, uint64_t first, uint64_t count)
{
	struct ninep_node *n = ninep_node(v);
	struct ninep_page *p;
	struct p9_attr a;
	kssize_t wrote;
	int r;

	drop_unused(n);
	if (!next_dirty(n, first, count))
		return 0;
	/* The last page must not make the file longer. */
	r = ninep_getattr_fid(n->fs, n->fid, &a);
	while (r >= 0 && (p = next_dirty(n, first, count))) {
		uint64_t at = p->index * PAGE_SIZE;
		struct p9_segment s = { .at = p->frame };

		p->dirty = false;
		if (at >= a.size)
			continue;
		s.len = (uint32_t) MIN(PAGE_SIZE, a.size - at);
		page_get(s.at);
		wrote = ninep_write_frames(n, &s, 1, at);
		page_put(s.at);
		if (wrote < (kssize_t) s.len)
			r = wrote < 0 ? (int) wrote : -EIO;
	}
	return r;
}

void ninep_pages_written(struct ninep_node *n, const struct p9_segment *s, unsigned count, uint64_t off, uint64_t len)
{
	for (unsigned i = 0; i < count && len && !list_empty(&n->pages); i++) {
		const uint8_t *data = phys_to_virt(s[i].at);
		uint64_t left = MIN(s[i].len, len);

		len -= left;
		while (left) {
			uint64_t part = MIN(left, PAGE_SIZE - (off & PAGE_MASK));
			struct ninep_page *p = find(n, off / PAGE_SIZE);

			if (p)
				memcpy((uint8_t *) phys_to_virt(p->frame) + (off & PAGE_MASK), data, part);
			data += part;
			off += part;
			left -= part;
		}
	}
}

void ninep_pages_truncate(struct ninep_node *n, uint64_t size)
{
	struct ninep_page *p, *next;

	list_for_each_safe(p, next, &n->pages, node) {
		if (p->index * PAGE_SIZE >= size)
			drop(n, p);
		else if (size - p->index * PAGE_SIZE < PAGE_SIZE)
			memset((uint8_t *) phys_to_virt(p->frame) + (size & PAGE_MASK), 0,
			       PAGE_SIZE - (size & PAGE_MASK));
	}
}
