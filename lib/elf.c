/* pure */
/* elf.c: the checked accessors of elf.h. Structures are copied out, as nothing in a file need be aligned. */
#include "lib/elf.h"

#include "lib/errno.h"
#include "lib/str.h"

#define NOTE_GNU_BUILD_ID 3

struct note {
	uint32_t namesz;
	uint32_t descsz;
	uint32_t type;
};

int elf_open(struct elf *e, const void *image, size_t size)
{
	return elf_open_as(e, image, size, ELF_MACHINE_X86_64);
}

int elf_open_as(struct elf *e, const void *image, size_t size, uint16_t machine)
{
	static const uint8_t ident[7] = { 0x7f, 'E', 'L', 'F', 2 /* 64 bit */, 1 /* little-endian */, 1 /* version */ };
	struct elf_header h;

	if (size < sizeof(h))
		return -ENOEXEC;
	memcpy(&h, image, sizeof(h));
	if (memcmp(h.ident, ident, sizeof(ident)) != 0 || h.machine != machine)
		return -ENOEXEC;
	if (h.phnum > 0 && h.phentsize != sizeof(struct elf_phdr))
		return -EBADMSG;
	if (h.phoff > size || (uint64_t)h.phnum * sizeof(struct elf_phdr) > size - h.phoff)
		return -EBADMSG;
	e->image = image;
	e->size = size;
	e->header = h;
	return 0;
}

const void *elf_bytes(const struct elf *e, uint64_t offset, uint64_t len)
{
	if (offset > e->size || len > e->size - offset)
		return NULL;
	return e->image + offset;
}

/* Element I of a table of fixed-size elements at OFFSET. */
static int copy_element(const struct elf *e, uint64_t offset, uint64_t i, void *ret, size_t size)
{
	const void *p;
	uint64_t at;

	if (__builtin_mul_overflow(i, size, &at) || __builtin_add_overflow(at, offset, &at))
		return -EBADMSG;
	p = elf_bytes(e, at, size);
	if (!p)
		return -EBADMSG;
	memcpy(ret, p, size);
	return 0;
}

int elf_phdr(const struct elf *e, unsigned i, struct elf_phdr *ret)
{
	if (i >= e->header.phnum)
		return -ENOENT;
	return copy_element(e, e->header.phoff, i, ret, sizeof(*ret));
}

int elf_shdr(const struct elf *e, unsigned i, struct elf_shdr *ret)
{
	if (i >= e->header.shnum)
		return -ENOENT;
	if (e->header.shentsize != sizeof(*ret))
		return -EBADMSG;
	return copy_element(e, e->header.shoff, i, ret, sizeof(*ret));
}

int elf_offset_of(const struct elf *e, uint64_t vaddr, uint64_t len, uint64_t *ret_offset)
{
	struct elf_phdr p;

	for (unsigned i = 0; elf_phdr(e, i, &p) == 0; i++) {
		uint64_t in;

		if (p.type != ELF_PT_LOAD || vaddr < p.vaddr)
			continue;
		in = vaddr - p.vaddr;
		if (in > p.filesz || len > p.filesz - in || p.offset > UINT64_MAX - in)
			continue;
		if (!elf_bytes(e, p.offset + in, len))
			continue;
		*ret_offset = p.offset + in;
		return 0;
	}
	return -ENOENT;
}

static int find_phdr(const struct elf *e, uint32_t type, struct elf_phdr *ret)
{
	struct elf_phdr p;

	for (unsigned i = 0; elf_phdr(e, i, &p) == 0; i++) {
		if (p.type != type)
			continue;
		*ret = p;
		return 0;
	}
	return -ENOENT;
}

int elf_dyn(const struct elf *e, unsigned i, struct elf_dyn *ret)
{
	struct elf_phdr p;
	struct elf_dyn d;
	int r;

	r = find_phdr(e, ELF_PT_DYNAMIC, &p);
	if (r < 0)
		return r;
	if (i >= p.filesz / sizeof(d))
		return -ENOENT;
	r = copy_element(e, p.offset, i, &d, sizeof(d));
	if (r < 0)
		return r;
	if (d.tag == ELF_DT_NULL)
		return -ENOENT;
	*ret = d;
	return 0;
}

int elf_dyn_find(const struct elf *e, int64_t tag, uint64_t *ret_value)
{
	struct elf_dyn d;

	for (unsigned i = 0; elf_dyn(e, i, &d) == 0; i++) {
		if (d.tag != tag)
			continue;
		*ret_value = d.value;
		return 0;
	}
	return -ENOENT;
}

int elf_sym_at(const struct elf *e, uint64_t offset, uint64_t size, uint32_t index, struct elf_sym *ret)
{
	if (index >= size / sizeof(*ret))
		return -EBADMSG;
	return copy_element(e, offset, index, ret, sizeof(*ret));
}

const char *elf_string_at(const struct elf *e, uint64_t offset, uint64_t size, uint64_t at)
{
	const char *table = elf_bytes(e, offset, size);

	if (!table || at >= size)
		return NULL;
	for (uint64_t i = at; i < size; i++) {
		if (table[i] == '\0')
			return table + at;
	}
	return NULL;
}

static uint64_t align4(uint64_t n)
{
	return (n + 3) & ~(uint64_t)3;
}

/* Looks through one segment of notes. gABI 5, "Note Section": name and descriptor are padded to 4 bytes. */
static int find_build_id(const uint8_t *p, uint64_t left, const uint8_t **ret_id, size_t *ret_len)
{
	struct note n;

	while (left >= sizeof(n)) {
		uint64_t name, desc;

		memcpy(&n, p, sizeof(n));
		name = align4(n.namesz);
		desc = align4(n.descsz);
		p += sizeof(n);
		left -= sizeof(n);
		if (name > left || n.descsz > left - name)
			return -EBADMSG;
		if (n.type == NOTE_GNU_BUILD_ID && n.namesz == 4 && memcmp(p, "GNU", 4) == 0) {
			*ret_id = p + name;
			*ret_len = n.descsz;
			return 0;
		}
		if (desc > left - name)
			break;
		p += name + desc;
		left -= name + desc;
	}
	return -ENOENT;
}

int elf_build_id(const struct elf *e, const uint8_t **ret_id, size_t *ret_len)
{
	struct elf_phdr p;

	for (unsigned i = 0; elf_phdr(e, i, &p) == 0; i++) {
		const uint8_t *notes = elf_bytes(e, p.offset, p.filesz);

		if (p.type == ELF_PT_NOTE && notes && find_build_id(notes, p.filesz, ret_id, ret_len) == 0)
			return 0;
	}
	return -ENOENT;
}
