/*
 * mkbtf_types.c: from entries of debugging information to types as BTF has them. Not here: which of them are equal.
 */
#include <stdlib.h>
#include <string.h>

#include "bpf/btf.h"
#include "host/mkbtf.h"

#define DEPTH_MAX  256
#define MADE_ABOVE (1ull << 62) /* offsets of the types that no entry has: the inner dimensions of arrays */

struct walk {
	struct types *t;
	struct unit {
		const char *folder; /* where it was compiled */
		enum { UNKNOWN, KERNEL, APPLICATION } whose;
	} * units;
	uint32_t unit_count;
	uint32_t parent[DEPTH_MAX]; /* a type's place + 1; 0: none */
};

static struct type *add_type(struct types *t, uint64_t offset, enum btf_kind kind)
{
	struct type *type;

	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : 4096;
		t->list = more(t->list, t->room, sizeof(t->list[0]));
	}
	type = &t->list[t->count++];
	*type = (struct type){.offset = offset, .kind = (uint8_t)kind, .name = ""};
	return type;
}

static void add_item(struct type *type, struct item item)
{
	if (type->item_count == type->room) {
		type->room = type->room ? 2 * type->room : 8;
		type->items = more(type->items, type->room, sizeof(type->items[0]));
	}
	if (!item.name)
		item.name = "";
	type->items[type->item_count++] = item;
}

/* Compilers have names of their own for complex numbers. */
static const char *name_of(const struct die *die)
{
	if (die->tag == TAG_BASE && die->encoding == ATE_COMPLEX_FLOAT)
		return die->byte_size == 8    ? "_Complex float"
		       : die->byte_size == 16 ? "_Complex double"
					      : "_Complex long double";
	return die->name ? die->name : "";
}

static void add_base(struct types *t, const struct die *die)
{
	uint64_t size = die->byte_size == ABSENT ? 0 : die->byte_size;
	bool complex = die->encoding == ATE_COMPLEX_FLOAT, is_float = complex || die->encoding == ATE_FLOAT;
	struct type *type;

	if (size == 0 || (!is_float && size > 16)) {
		type = add_type(t, die->offset, BTF_KIND_VOID);
	} else {
		type = add_type(t, die->offset, is_float ? BTF_KIND_FLOAT : BTF_KIND_INT);
		type->is_signed = die->encoding == ATE_SIGNED || die->encoding == ATE_SIGNED_CHAR;
		type->is_bool = die->encoding == ATE_BOOLEAN;
	}
	type->size = size;
}

static bool add_entry(struct types *t, const struct die *die)
{
	switch (die->tag) {
	case TAG_BASE:
		add_base(t, die);
		return true;
	case TAG_STRUCTURE:
	case TAG_CLASS:
	case TAG_UNION:
		add_type(t, die->offset,
			 die->declaration	 ? BTF_KIND_FWD
			 : die->tag == TAG_UNION ? BTF_KIND_UNION
						 : BTF_KIND_STRUCT)
			->is_union = die->tag == TAG_UNION;
		return true;
	case TAG_ENUMERATION:
		add_type(t, die->offset, BTF_KIND_ENUM);
		return true;
	case TAG_POINTER:
	case TAG_REFERENCE:
	case TAG_RVALUE_REFERENCE:
		add_type(t, die->offset, BTF_KIND_PTR);
		return true;
	case TAG_ARRAY:
		add_type(t, die->offset, BTF_KIND_ARRAY);
		return true;
	case TAG_SUBROUTINE_TYPE:
		add_type(t, die->offset, BTF_KIND_FUNC_PROTO);
		return true;
	case TAG_TYPEDEF:
		add_type(t, die->offset, BTF_KIND_TYPEDEF);
		return true;
	case TAG_CONST:
		add_type(t, die->offset, BTF_KIND_CONST);
		return true;
	case TAG_VOLATILE:
	case TAG_ATOMIC: /* BTF has no word for it */
		add_type(t, die->offset, BTF_KIND_VOLATILE);
		return true;
	case TAG_RESTRICT:
		add_type(t, die->offset, BTF_KIND_RESTRICT);
		return true;
	default:
		return false;
	}
}

/* DWARF 5, 5.7.6; bit_offset is version 2's and counts from the storage unit's high end. */
static void add_member(struct type *type, const struct die *die)
{
	struct item item = {.name = die->name, .type = die->type};
	uint64_t start = die->location == ABSENT ? 0 : die->location * 8;

	if (die->declaration ||
	    (die->location == ABSENT && die->data_bit_offset == ABSENT && type->kind != BTF_KIND_UNION))
		return; /* static, or somewhere that only runs tell */
	item.bit = start;
	if (die->bit_size != ABSENT && die->bit_size > 0 && die->bit_size <= 64) {
		item.bits = (uint32_t)die->bit_size;
		if (die->data_bit_offset != ABSENT)
			item.bit = die->data_bit_offset;
		else if (die->bit_offset != ABSENT && die->byte_size != ABSENT)
			item.bit = start + die->byte_size * 8 - die->bit_offset - die->bit_size;
	}
	add_item(type, item);
}

static uint64_t elements(const struct die *die)
{
	if (die->count != ABSENT)
		return die->count;
	/* [0] may be an upper bound of -1 in as few bytes as it takes. */
	return die->upper_bound == ABSENT || die->upper_bound == UINT32_MAX ? 0 : die->upper_bound + 1;
}

static void add_inside(struct type *type, const struct die *die)
{
	bool composite = type->kind == BTF_KIND_STRUCT || type->kind == BTF_KIND_UNION;

	if (die->tag == TAG_MEMBER && composite) {
		add_member(type, die);
	} else if (die->tag == TAG_ENUMERATOR && type->kind == BTF_KIND_ENUM) {
		if (die->value_signed && (int64_t)die->value < 0)
			type->is_signed = true;
		add_item(type, (struct item){.name = die->name, .value = die->value});
	} else if (die->tag == TAG_SUBRANGE && type->kind == BTF_KIND_ARRAY) {
		add_item(type, (struct item){.value = elements(die)});
	} else if (type->kind == BTF_KIND_FUNC_PROTO && die->tag == TAG_FORMAL_PARAMETER) {
		add_item(type, (struct item){.name = die->name, .type = die->type});
	} else if (type->kind == BTF_KIND_FUNC_PROTO && die->tag == TAG_UNSPECIFIED_PARAMETERS) {
		add_item(type, (struct item){0});
	}
}

static void add_unit(struct walk *w, const struct die *die)
{
	if (w->unit_count % 256 == 0)
		w->units = more(w->units, w->unit_count + 256, sizeof(w->units[0]));
	w->units[w->unit_count++] = (struct unit){.folder = die->folder ? die->folder : ""};
}

static void visit(const struct die *die, void *arg)
{
	struct walk *w = arg;
	struct types *t = w->t;
	struct unit *unit;

	if (die->depth >= DEPTH_MAX)
		fail("debugging information nested deeper than %u", DEPTH_MAX);
	if (die->depth == 0)
		add_unit(w, die);
	w->parent[die->depth] = 0;
	unit = &w->units[w->unit_count - 1];
	/* A unit belongs to whom its first function belongs to; functions that the linker dropped are at 0. */
	if (die->tag == TAG_SUBPROGRAM && die->low_pc != ABSENT && die->low_pc != 0 && unit->whose == UNKNOWN)
		unit->whose = die->low_pc >= t->kernel_start && die->low_pc < t->kernel_end ? KERNEL : APPLICATION;
	if (die->depth > 0 && w->parent[die->depth - 1])
		add_inside(&t->list[w->parent[die->depth - 1] - 1], die);
	if (!add_entry(t, die))
		return;
	t->list[t->count - 1].name = name_of(die);
	t->list[t->count - 1].ref = die->type;
	if (die->tag != TAG_BASE && die->byte_size != ABSENT)
		t->list[t->count - 1].size = die->byte_size;
	t->list[t->count - 1].unit = w->unit_count - 1;
	w->parent[die->depth] = t->count;
}

/* BTF's arrays have one dimension: a[2][3] is two of three. */
void types_split_arrays(struct types *t)
{
	uint32_t count = t->count;
	uint64_t made = MADE_ABOVE;

	for (uint32_t i = 0; i < count; i++) {
		struct item *dims = t->list[i].items;
		uint32_t n = t->list[i].item_count;

		if (t->list[i].kind != BTF_KIND_ARRAY)
			continue;
		while (n > 1) {
			struct type *inner = add_type(t, ++made, BTF_KIND_ARRAY);

			inner->ref = t->list[i].ref;
			inner->unit = t->list[i].unit;
			add_item(inner, dims[--n]);
			t->list[i].ref = made;
		}
		t->list[i].item_count = n;
		if (n == 0)
			add_item(&t->list[i], (struct item){0});
	}
}

/* A unit without functions is the kernel's if it was compiled where only units of the kernel's were. */
static bool of_kernel(const struct walk *w, const struct unit *unit)
{
	bool kernel = false;

	if (unit->whose != UNKNOWN)
		return unit->whose == KERNEL;
	for (uint32_t i = 0; i < w->unit_count; i++) {
		if (strcmp(w->units[i].folder, unit->folder) != 0 || w->units[i].whose == UNKNOWN)
			continue;
		if (w->units[i].whose == APPLICATION)
			return false;
		kernel = true;
	}
	return kernel;
}

void types_read(struct types *t, const struct dwarf *d)
{
	struct walk *w = more(NULL, 1, sizeof(*w));
	uint32_t first = t->count;
	bool *kernel;

	memset(w, 0, sizeof(*w));
	w->t = t;
	dwarf_walk(d, visit, w);
	kernel = more(NULL, w->unit_count, sizeof(kernel[0]));
	for (uint32_t i = 0; i < w->unit_count; i++)
		kernel[i] = of_kernel(w, &w->units[i]);
	for (uint32_t i = first; i < t->count; i++)
		t->list[i].kernel = kernel[t->list[i].unit];
	free(kernel);
	free(w->units);
	free(w);
}

struct type *types_at(const struct types *t, uint64_t offset)
{
	uint32_t low = 0, high = t->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->list[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return offset && low < t->count && t->list[low].offset == offset && t->list[low].kind != BTF_KIND_VOID
		       ? &t->list[low]
		       : NULL;
}
