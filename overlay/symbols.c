/* symbols.c: see symbols.h. */
#include "overlay/symbols.h"

#include "fs/vfs.h"
#include "kernel/kmem.h"
#include "lib/elf.h"
#include "lib/fmt.h"
#include "overlay/session.h"

#define SHT_DYNSYM 11
#define BINDINGS_MAX 1024
#define SYMBOLS_SCANNED_MAX 65536

static struct symidx idx;
static struct file *idx_file;

extern const uint8_t __build_id_start[], __build_id_end[];

static int read_exactly(void *ctx, uint64_t off, void *buf, size_t n)
{
	while (n) {
		kssize_t r = file_read_kernel(ctx, buf, n, off);

		if (r <= 0)
			return r ? (int) r : -EBADMSG;
		buf = (char *) buf + r;
		off += (uint64_t) r;
		n -= (size_t) r;
	}
	return 0;
}

static bool symbolise(uint64_t addr, char *buf, size_t size)
{
	struct symidx_symbol *s = kmalloc(sizeof(*s));
	uint64_t off;
	bool known;

	known = s && symidx_by_addr(&idx, addr, s, &off) == 0;
	if (known)
		fmt_snprintf(buf, size, "%s+0x%lx", s->name, off);
	kfree(s);
	return known;
}

int symbols_open(const char *path)
{
	/* The note's header and its owner "GNU" take 16 bytes. */
	const size_t id_size = (size_t) (__build_id_end - __build_id_start);
	struct symidx fresh;
	struct vattr a;
	struct file *f;
	int r = vfs_open_at(&session_view, NULL, path, O_RDONLY, 0, NULL, &f);

	if (r < 0)
		return r;
	r = vfs_getattr(f->vnode, &a);
	if (r >= 0)
		r = symidx_open(&fresh, read_exactly, f, a.size);
	if (r >= 0 && id_size > 16 && fresh.header.build_id_size &&
	    !symidx_matches(&fresh, __build_id_start + 16, id_size - 16))
		r = -ESTALE;
	if (r < 0) {
		file_put(f);
		return r;
	}
	if (idx_file)
		file_put(idx_file);
	idx = fresh;
	idx_file = f;
	program_symbolise = symbolise;
	return 0;
}

const struct symidx *symbols_index(void)
{
	return idx_file ? &idx : NULL;
}

void symbols_release(struct binding *bindings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kfree(bindings[i].name);
	kfree(bindings);
}

struct scan {
	struct file *file;
	struct elf_shdr symtab, strtab;
	struct binding *list;
	size_t count;
	struct symidx_symbol found;
	char name[SYMIDX_NAME_MAX + 1];
};

static int find_dynsym(struct scan *s)
{
	struct elf_header h;
	int r = read_exactly(s->file, 0, &h, sizeof(h));

	if (r == 0 && (memcmp(h.ident, "\177ELF", 4) || h.shentsize != sizeof(struct elf_shdr)))
		r = -ENOEXEC;
	for (unsigned i = 0; r == 0 && i < h.shnum; i++) {
		r = read_exactly(s->file, h.shoff + i * sizeof(s->symtab), &s->symtab, sizeof(s->symtab));
		if (r == 0 && s->symtab.type == SHT_DYNSYM && s->symtab.link < h.shnum)
			return read_exactly(s->file, h.shoff + s->symtab.link * sizeof(s->strtab), &s->strtab,
					    sizeof(s->strtab));
	}
	return r ? r : -ENOENT;
}

static bool ends(const char *text, size_t n)
{
	while (n && *text) {
		text++;
		n--;
	}
	return n != 0;
}

/* The symbol's name into s->name; false if it is damaged or too long to be in the index. */
static bool name_of(struct scan *s, const struct elf_sym *sym)
{
	size_t n;

	if (sym->name >= s->strtab.size)
		return false;
	n = MIN(sizeof(s->name), s->strtab.size - sym->name);
	return read_exactly(s->file, s->strtab.offset + sym->name, s->name, n) == 0 && s->name[0] && ends(s->name, n);
}

static int bind_one(struct scan *s, const struct elf_sym *sym)
{
	char *name;

	if (sym->shndx != ELF_SHN_UNDEF || !name_of(s, sym) || symidx_by_name(&idx, s->name, &s->found, NULL) < 0)
		return 0;
	if (s->count == BINDINGS_MAX)
		return -E2BIG;
	name = kstrdup(s->name);
	if (!name)
		return -ENOMEM;
	s->list[s->count++] = (struct binding){
		name, s->found.address, s->found.size, s->found.type == SYMIDX_FUNCTION,
	};
	return 0;
}

static int scan(struct scan *s)
{
	uint64_t count;
	struct elf_sym sym;
	int r = find_dynsym(s);

	/* A program without such symbols, or what the loader will refuse. */
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	count = MIN(s->symtab.size / sizeof(sym), (uint64_t) SYMBOLS_SCANNED_MAX);
	s->list = kmalloc(MIN(count + 1, (uint64_t) BINDINGS_MAX) * sizeof(*s->list));
	if (!s->list)
		return -ENOMEM;
	for (uint64_t i = 1; r == 0 && i < count; i++) {
		if (read_exactly(s->file, s->symtab.offset + i * sizeof(sym), &sym, sizeof(sym)) < 0)
			break;
		r = bind_one(s, &sym);
	}
	return r;
}

int symbols_bind(struct vnode *image, struct binding **ret_bindings, size_t *ret_count)
{
	struct scan *s;
	int r;

	if (!idx_file) {
		*ret_bindings = NULL;
		*ret_count = 0;
		return 0;
	}
	s = kzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	r = vfs_open_vnode(image, O_RDONLY, &s->file);
	if (r >= 0) {
		r = scan(s);
		file_put(s->file);
	}
	if (r < 0) {
		symbols_release(s->list, s->count);
	} else {
		*ret_bindings = s->list;
		*ret_count = s->count;
	}
	kfree(s);
	return r;
}
