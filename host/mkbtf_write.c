/*
 * mkbtf_write.c: writes types as BTF (Linux, Documentation/bpf/btf.rst), each once. That they are
 * equal is known already.
 */
#include <stdlib.h>
#include <string.h>

#include "bpf/btf.h"
#include "host/mkbtf.h"
#include "lib/sha256.h"

#define INDEX_TYPE 1 /* what arrays count with */
#define FIRST	   2
#define VLEN_MAX   0xffff
#define BITS_MAX   0xffffff /* of an offset beside a bit field's size */

struct buffer {
	uint8_t *at;
	size_t size, room;
};

struct writer {
	struct types *t;
	struct table reps;     /* digest: the first type that has it */
	struct table complete; /* structures and unions that are defined, by name */
	struct table strings;  /* by digest: their places */
	struct buffer types, text;
};

static void put(struct buffer *b, const void *bytes, size_t n)
{
	if (b->room - b->size < n) {
		b->room = 2 * (b->room + n);
		b->at = more(b->at, b->room, 1);
	}
	memcpy(b->at + b->size, bytes, n);
	b->size += n;
}

static void put32(struct buffer *b, uint64_t n)
{
	uint32_t v = (uint32_t)n;

	put(b, &v, sizeof(v));
}

static uint32_t string(struct writer *w, const char *s)
{
	uint8_t key[16];
	uint32_t at;

	if (!*s)
		return 0;
	table_key(key, 0, false, s);
	at = table_find(&w->strings, key);
	if (at != UINT32_MAX)
		return at;
	at = (uint32_t)w->text.size;
	put(&w->text, s, strlen(s) + 1);
	return table_put(&w->strings, key, at);
}

/* The one that stands for all that are equal, or for a declaration the definition. */
static struct type *representative(const struct writer *w, const struct type *type)
{
	struct type *rep = &w->t->list[table_find(&w->reps, type->digest)];

	for (unsigned other = 0; rep->kind == BTF_KIND_FWD && other < 2; other++) {
		uint8_t key[16];
		uint32_t found;

		table_key(key, rep->is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT, rep->kernel ^ other, rep->name);
		found = table_find(&w->complete, key);
		if (found != UINT32_MAX)
			return &w->t->list[found];
	}
	return rep;
}

static uint32_t id_at(const struct writer *w, uint64_t offset)
{
	const struct type *type = types_at(w->t, offset);

	return type ? representative(w, type)->id : 0;
}

/* Chooses representatives and numbers them. */
static void settle(struct writer *w)
{
	struct types *t = w->t;
	uint32_t next = FIRST;
	uint8_t key[16];

	for (uint32_t i = 0; i < t->count; i++) {
		struct type *rep = &t->list[table_put(&w->reps, t->list[i].digest, i)];

		rep->kernel &= t->list[i].kernel;
	}
	for (uint32_t i = 0; i < t->count; i++) {
		const struct type *type = &t->list[i];

		if (table_find(&w->reps, type->digest) != i || !type->name[0] ||
		    (type->kind != BTF_KIND_STRUCT && type->kind != BTF_KIND_UNION))
			continue;
		table_key(key, type->kind, type->kernel, type->name);
		table_put(&w->complete, key, i);
	}
	for (uint32_t i = 0; i < t->count; i++) {
		struct type *type = &t->list[i];

		if (type->kind != BTF_KIND_VOID && representative(w, type) == type)
			type->id = next++;
	}
}

static void put_head(struct writer *w, const char *name, unsigned kind, bool flag, uint32_t vlen, uint64_t size_or_type)
{
	put32(&w->types, string(w, name));
	put32(&w->types, (uint32_t)flag << 31 | kind << 24 | vlen);
	put32(&w->types, size_or_type);
}

static void write_members(struct writer *w, const struct type *type)
{
	uint32_t vlen = 0;
	bool flag = false;

	for (uint32_t i = 0; i < type->item_count; i++)
		flag |= type->items[i].bits != 0;
	/* What BTF has no bits for is left out. */
	for (uint32_t i = 0; i < type->item_count; i++)
		vlen += type->items[i].bit <= (flag ? BITS_MAX : UINT32_MAX) && vlen < VLEN_MAX;
	put_head(w, type->name, type->kind, flag, vlen, type->size);
	for (uint32_t i = 0; i < type->item_count && vlen; i++) {
		const struct item *item = &type->items[i];

		if (item->bit > (flag ? BITS_MAX : UINT32_MAX))
			continue;
		put32(&w->types, string(w, item->name));
		put32(&w->types, id_at(w, item->type));
		put32(&w->types, item->bit | (uint64_t)item->bits << 24);
		vlen--;
	}
}

static void write_enumerators(struct writer *w, const struct type *type)
{
	uint32_t vlen = type->item_count < VLEN_MAX ? type->item_count : VLEN_MAX;
	uint64_t size = type->size ? type->size : 4;
	bool wide = size == 8;

	for (uint32_t i = 0; i < vlen; i++) {
		uint64_t v = type->items[i].value;

		wide |= type->is_signed ? (int64_t)v != (int32_t)v : v > UINT32_MAX;
	}
	put_head(w, type->name, wide ? BTF_KIND_ENUM64 : BTF_KIND_ENUM, type->is_signed, vlen, size);
	for (uint32_t i = 0; i < vlen; i++) {
		put32(&w->types, string(w, type->items[i].name));
		put32(&w->types, type->items[i].value);
		if (wide)
			put32(&w->types, type->items[i].value >> 32);
	}
}

static void write_type(struct writer *w, const struct type *type)
{
	uint32_t vlen = type->item_count < VLEN_MAX ? type->item_count : VLEN_MAX;

	switch (type->kind) {
	case BTF_KIND_INT:
		put_head(w, type->name, type->kind, false, 0, type->size);
		put32(&w->types, (type->is_signed ? 1u << 24 : type->is_bool ? 4u << 24 : 0) | type->size * 8);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		write_members(w, type);
		break;
	case BTF_KIND_ENUM:
		write_enumerators(w, type);
		break;
	case BTF_KIND_FWD:
		put_head(w, type->name, type->kind, type->is_union, 0, 0);
		break;
	case BTF_KIND_ARRAY:
		put_head(w, "", type->kind, false, 0, 0);
		put32(&w->types, id_at(w, type->ref));
		put32(&w->types, INDEX_TYPE);
		put32(&w->types, type->items[0].value > UINT32_MAX ? 0 : type->items[0].value);
		break;
	case BTF_KIND_FUNC_PROTO:
		put_head(w, "", type->kind, false, vlen, id_at(w, type->ref));
		for (uint32_t i = 0; i < vlen; i++) {
			put32(&w->types, string(w, type->items[i].name));
			put32(&w->types, id_at(w, type->items[i].type));
		}
		break;
	case BTF_KIND_FLOAT:
		put_head(w, type->name, type->kind, false, 0, type->size);
		break;
	case BTF_KIND_TYPEDEF:
		put_head(w, type->name, type->kind, false, 0, id_at(w, type->ref));
		break;
	default:
		put_head(w, "", type->kind, false, 0, id_at(w, type->ref));
		break;
	}
}

uint8_t *btf_make(struct types *t, const char *mark, size_t *ret_size)
{
	struct writer w = {.t = t};
	struct buffer out = {0};
	uint16_t magic = 0xeb9f;
	uint8_t version_flags[2] = {1, 0};

	put(&w.text, "", 1);
	string(&w, mark);
	settle(&w);
	put_head(&w, "__ARRAY_SIZE_TYPE__", BTF_KIND_INT, false, 0, 4);
	put32(&w.types, 32);
	for (uint32_t i = 0; i < t->count; i++)
		if (t->list[i].id)
			write_type(&w, &t->list[i]);
	put(&out, &magic, sizeof(magic));
	put(&out, version_flags, sizeof(version_flags));
	put32(&out, 24);
	put32(&out, 0);
	put32(&out, w.types.size);
	put32(&out, w.types.size);
	put32(&out, w.text.size);
	put(&out, w.types.at, w.types.size);
	put(&out, w.text.at, w.text.size);
	*ret_size = out.size;
	return out.at;
}
