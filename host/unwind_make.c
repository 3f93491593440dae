/*
 * unwind_make.c: see unwind_make.h.
 */
#include "host/unwind_make.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/symbols.h"
#include "host/util.h"
#include "lib/cfi.h"

/* Addresses of the image and of its part that is loaded on demand (docs/architecture.md, "Address space"). What the
 * linker left out has addresses from 0 on. */
#define CODE_START 0x40000000u
#define CODE_END   0x80000000u
#define RULES_MAX  65536u

struct range {
	uint32_t from, to;
	uint16_t rule;
};

struct maker {
	struct unwind_rule *rules;
	size_t rule_count;
	struct range *ranges;
	size_t range_count, range_room;
};

static uint16_t rule_number(struct maker *m, const struct unwind_rule *rule)
{
	/* Most are among the last ones used; there are a few hundred. */
	for (size_t i = m->rule_count; i-- > 0;)
		if (memcmp(&m->rules[i], rule, sizeof(*rule)) == 0)
			return (uint16_t)i;
	if (m->rule_count == RULES_MAX)
		return 0;
	m->rules[m->rule_count] = *rule;
	return (uint16_t)m->rule_count++;
}

static void add(void *context, uint64_t from, uint64_t to, const struct unwind_rule *rule)
{
	struct maker *m = context;

	if (from < CODE_START || to > CODE_END)
		return;
	if (m->range_count == m->range_room) {
		m->range_room = m->range_room ? m->range_room * 2 : 65536;
		m->ranges = xrealloc(m->ranges, m->range_room * sizeof(*m->ranges));
	}
	m->ranges[m->range_count++] = (struct range){(uint32_t)from, (uint32_t)to, rule_number(m, rule)};
}

static int read_file(struct maker *m, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	size_t names;
	Elf *elf;

	if (fd < 0)
		return -ENOENT;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getshdrstrndx(elf, &names) != 0) {
		elf_end(elf);
		close(fd);
		return -EINVAL;
	}
	while ((section = elf_nextscn(elf, section))) {
		GElf_Shdr shdr;
		const char *name = gelf_getshdr(section, &shdr) ? elf_strptr(elf, names, shdr.sh_name) : NULL;
		bool eh = name && strcmp(name, ".eh_frame") == 0;
		Elf_Data *data;

		if (!name || shdr.sh_type == SHT_NOBITS || (!eh && strcmp(name, ".debug_frame") != 0))
			continue;
		data = elf_getdata(section, NULL);
		/* What is broken is missing. */
		if (data && data->d_buf)
			cfi_read(data->d_buf, data->d_size, eh, shdr.sh_addr, add, m);
	}
	elf_end(elf);
	close(fd);
	return 0;
}

/* Where threads begin: assembly, which says nothing about its frames. */
static void add_ends(struct maker *m, const char *symbols)
{
	static const char *const names[] = {"_start", "__clone", "uio_k_thread_entry", "uio_k_arch_app_start"};
	static const struct unwind_rule end = {.kind = UNWIND_END};
	const struct symbol *s;
	struct symbols *all;
	char *text = NULL;

	if (symbols_load(symbols, &all) < 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (symbols_find(all, names[i], &s, &text) == 0) {
			const struct symbol *next = s;

			/* Assembly often tells no size. */
			while (next < all->list + all->count && next->address == s->address)
				next++;
			if (next < all->list + all->count)
				add(m, s->address, next->address, &end);
		}
		free(text);
		text = NULL;
	}
	symbols_free(all);
}

static int by_address(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->to > y->to) - (x->to < y->to);
}

struct rows {
	struct unwind_row *row;
	struct unwind_block *block;
	size_t row_count, block_count;
};

/* From `at` on the rule is good. Two rows at one place: the later one. */
static void put(struct rows *r, uint32_t at, uint16_t rule)
{
	struct unwind_block *b = r->block_count ? &r->block[r->block_count - 1] : NULL;

	if (!b || b->number != at >> 16) {
		b = &r->block[r->block_count++];
		*b = (struct unwind_block){at >> 16, (uint32_t)r->row_count};
	} else if (r->row[r->row_count - 1].at == (uint16_t)at) {
		r->row_count--;
	} else if (r->row[r->row_count - 1].rule == rule) {
		return;
	}
	r->row[r->row_count++] = (struct unwind_row){(uint16_t)at, rule};
}

/* Ranges in order become rows; a block begins with what holds at its start. */
static void make_rows(struct maker *m, struct rows *r)
{
	uint32_t end = 0;

	for (size_t i = 0; i < m->range_count; i++) {
		struct range range = m->ranges[i];

		if (range.from < end)
			range.from = end;
		if (range.from >= range.to)
			continue;
		put(r, range.from, range.rule);
		for (uint32_t block = (range.from | 0xffff) + 1; block < range.to; block += 0x10000)
			put(r, block, range.rule);
		end = range.to;
		if (i + 1 == m->range_count || m->ranges[i + 1].from > end)
			put(r, end, 0);
	}
	r->block[r->block_count] = (struct unwind_block){UINT32_MAX, (uint32_t)r->row_count};
}

static void *append(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return (char *)to + size;
}

int unwind_make(const char *image, const char *symbols, void **ret, size_t *ret_size)
{
	struct unwind_header h = {.magic = UNWIND_MAGIC, .version = UNWIND_VERSION};
	char *part = xasprintf("%s.bpf.debug", image);
	struct maker m = {.rules = xcalloc(RULES_MAX, sizeof(*m.rules)), .rule_count = 1};
	struct rows rows = {0};
	int r = read_file(&m, symbols);
	char *at;

	if (r == 0) {
		/* The image itself has .eh_frame, which is part of what is loaded. */
		read_file(&m, image);
		read_file(&m, part);
		add_ends(&m, symbols);
		r = m.range_count ? 0 : -ENODATA;
	}
	if (r == 0) {
		qsort(m.ranges, m.range_count, sizeof(*m.ranges), by_address);
		rows.row = xcalloc(m.range_count * 2 + (CODE_END - CODE_START) / 0x10000, sizeof(*rows.row));
		rows.block = xcalloc((CODE_END - CODE_START) / 0x10000 + 2, sizeof(*rows.block));
		make_rows(&m, &rows);
		h.block_count = (uint32_t)rows.block_count;
		h.rule_count = (uint32_t)m.rule_count;
		h.row_count = (uint32_t)rows.row_count;
		*ret_size = sizeof(h) + (rows.block_count + 1) * sizeof(*rows.block) + m.rule_count * sizeof(*m.rules) +
			    rows.row_count * sizeof(*rows.row);
		*ret = at = xcalloc(1, *ret_size);
		at = append(at, &h, sizeof(h));
		at = append(at, rows.block, (rows.block_count + 1) * sizeof(*rows.block));
		at = append(at, m.rules, m.rule_count * sizeof(*m.rules));
		append(at, rows.row, rows.row_count * sizeof(*rows.row));
	}
	free(part);
	free(m.rules);
	free(m.ranges);
	free(rows.row);
	free(rows.block);
	return r;
}
