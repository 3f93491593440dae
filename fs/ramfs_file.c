/* ramfs_file.c: the content of ramfs's files: page frames in a two-level table. A hole reads as zeroes, or as the
 * initrd's bytes where the file came from there. Bytes behind the end of the last page are zero. */
#include "fs/ramfs_node.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/thread.h"

#define CHUNK_SIZE (CHUNK_FRAMES * sizeof(uint32_t))
#define CHUNKS_MAX 8192 /* the upper table fits one allocation; files of up to 2 GiB */
#define PAGE_REFS_MAX 50000 /* mappings of one page; page_get() ends at 60000 */
#define FILE_SIZE_MAX (CHUNKS_MAX * CHUNK_FRAMES * PAGE_SIZE)

static uint32_t *slot(struct ram_node *n, uint64_t index)
{
	uint64_t c = index / CHUNK_FRAMES;

	if (c >= n->file.chunk_count || !n->file.chunks[c])
		return NULL;
	return &n->file.chunks[c][index % CHUNK_FRAMES];
}

static void *frame_data(uint32_t frame)
{
	return phys_to_virt((struct paddr){ (uint64_t) frame << PAGE_SHIFT });
}

/* Makes the table reach `index`. */
static int grow_table(struct ram_node *n, uint64_t index)
{
	uint64_t c = index / CHUNK_FRAMES;

	if (c >= CHUNKS_MAX)
		return -EFBIG;
	if (c >= n->file.chunk_count) {
		uint32_t count = (uint32_t) MIN(CHUNKS_MAX, MAX(c + 1, n->file.chunk_count * 2ULL));
		uint32_t **chunks;

		if (ram_charge(n->fs, (count - n->file.chunk_count) * sizeof(*chunks)) < 0)
			return -ENOSPC;
		chunks = krealloc(n->file.chunks, count * sizeof(*chunks));
		if (!chunks) {
			n->fs->used -= (count - n->file.chunk_count) * sizeof(*chunks);
			return -ENOSPC;
		}
		memset(chunks + n->file.chunk_count, 0, (count - n->file.chunk_count) * sizeof(*chunks));
		n->file.chunks = chunks;
		n->file.chunk_count = count;
	}
	if (n->file.chunks[c])
		return 0;
	if (ram_charge(n->fs, CHUNK_SIZE) < 0)
		return -ENOSPC;
	n->file.chunks[c] = kzalloc(CHUNK_SIZE);
	if (!n->file.chunks[c]) {
		n->fs->used -= CHUNK_SIZE;
		return -ENOSPC;
	}
	return 0;
}

/* Bytes of the initrd's content in page `index`. */
static size_t rom_bytes(const struct ram_node *n, uint64_t index)
{
	uint64_t at = index * PAGE_SIZE;

	return at < n->file.rom_size ? MIN(PAGE_SIZE, n->file.rom_size - at) : 0;
}

/* Turns a hole into a frame. */
static int fill(struct ram_node *n, uint64_t index, uint32_t **ret_slot)
{
	struct paddr page;
	uint32_t *s;
	int r = grow_table(n, index);

	if (r < 0)
		return r;
	s = slot(n, index);
	if (!*s) {
		if (ram_charge(n->fs, PAGE_SIZE) < 0)
			return -ENOSPC;
		if (page_alloc_zeroed(&page) < 0) {
			n->fs->used -= PAGE_SIZE;
			return -ENOSPC;
		}
		memcpy(phys_to_virt(page), n->file.rom + index * PAGE_SIZE, rom_bytes(n, index));
		*s = (uint32_t) (page.pa >> PAGE_SHIFT);
		n->file.frames++;
	}
	*ret_slot = s;
	return 0;
}

static kssize_t ram_read(struct file *f, struct iter *it, uint64_t off)
{
	struct ram_node *n = ram_node(f->vnode);
	kssize_t done = 0, r;

	while (it->left && off < n->file.size) {
		size_t in_page = off & PAGE_MASK, len = PAGE_SIZE - in_page, rom;
		uint32_t *s = slot(n, off >> PAGE_SHIFT);

		len = MIN(MIN(len, n->file.size - off), it->left);
		rom = rom_bytes(n, off >> PAGE_SHIFT);
		if (s && *s)
			r = iter_put(it, (char *) frame_data(*s) + in_page, len);
		else if (in_page < rom)
			r = iter_put(it, n->file.rom + off, len = MIN(len, rom - in_page));
		else
			r = iter_zero(it, len);
		if (r < 0)
			return done ? done : r;
		done += r;
		off += (uint64_t) r;
		if ((size_t) r < len)
			break;
		if (!(off & 0x3ffff))
			kernel_relax();
	}
	return done;
}

static kssize_t ram_write(struct file *f, struct iter *it, uint64_t off)
{
	struct ram_node *n = ram_node(f->vnode);
	kssize_t done = 0, r;
	uint32_t *s;

	if (off >= FILE_SIZE_MAX)
		return -EFBIG;
	while (it->left && off < FILE_SIZE_MAX) {
		size_t in_page = off & PAGE_MASK, len = MIN(PAGE_SIZE - in_page, it->left);

		r = fill(n, off >> PAGE_SHIFT, &s);
		if (r >= 0)
			r = iter_get(it, (char *) frame_data(*s) + in_page, len);
		if (r < 0) {
			if (!done)
				done = r;
			break;
		}
		done += r;
		off += (uint64_t) r;
		n->file.size = MAX(n->file.size, off);
		if ((size_t) r < len)
			break;
		if (!(off & 0x3ffff))
			kernel_relax();
	}
	if (done > 0)
		ram_touch(n);
	return done;
}

static void drop_frame(struct ram_node *n, uint32_t *s)
{
	if (!*s)
		return;
	page_put((struct paddr){ (uint64_t) *s << PAGE_SHIFT });
	*s = 0;
	n->file.frames--;
	n->fs->used -= PAGE_SIZE;
}

int ram_file_resize(struct ram_node *n, uint64_t size)
{
	uint64_t first = PAGE_ALIGN_UP(size) >> PAGE_SHIFT;
	uint64_t chunk = (first + CHUNK_FRAMES - 1) / CHUNK_FRAMES;
	uint32_t *s;

	if (size > FILE_SIZE_MAX)
		return -EFBIG;
	/* Also if it stays as it is: a write that failed left frames or a table behind the end. */
	if (size <= n->file.size) {
		if (size & PAGE_MASK) {
			/* A hole over the initrd's bytes ends with them; a frame is cleared to its end. */
			s = slot(n, size >> PAGE_SHIFT);
			if (s && *s)
				memset((char *) frame_data(*s) + (size & PAGE_MASK), 0, PAGE_SIZE - (size & PAGE_MASK));
		}
		for (uint64_t i = first; i < chunk * CHUNK_FRAMES; i++) {
			s = slot(n, i);
			if (s)
				drop_frame(n, s);
		}
		for (uint64_t c = chunk; c < n->file.chunk_count; c++) {
			if (!n->file.chunks[c])
				continue;
			for (unsigned i = 0; i < CHUNK_FRAMES; i++)
				drop_frame(n, &n->file.chunks[c][i]);
			kfree(n->file.chunks[c]);
			n->file.chunks[c] = NULL;
			n->fs->used -= CHUNK_SIZE;
		}
		n->file.rom_size = MIN(n->file.rom_size, size);
	}
	if (!size) {
		n->fs->used -= n->file.chunk_count * sizeof(*n->file.chunks);
		kfree(n->file.chunks);
		n->file.chunks = NULL;
		n->file.chunk_count = 0;
	}
	n->file.size = size;
	return 0;
}

int ram_file_get_page(struct vnode *v, uint64_t index, bool for_write, struct paddr *ret)
{
	struct ram_node *n = ram_node(v);
	uint32_t *s;
	int r;

	if (!S_ISREG(v->mode))
		return -ENODEV;
	if (index >= PAGE_ALIGN_UP(n->file.size) >> PAGE_SHIFT)
		return -EFAULT;
	r = fill(n, index, &s);
	if (r < 0)
		return r;
	*ret = (struct paddr){ (uint64_t) *s << PAGE_SHIFT };
	if (page_refs(*ret) > PAGE_REFS_MAX)
		return -ENOMEM;
	page_get(*ret);
	return 0;
}

void ramfs_set_rom(struct vnode *v, const void *data, uint64_t size)
{
	struct ram_node *n = ram_node(v);

	n->file.rom = data;
	n->file.rom_size = n->file.size = size;
}

const struct file_ops ramfs_file_fops = {
	.read = ram_read,
	.write = ram_write,
};
