/*
 * mkbtf_equal.c: which types are the same. Each compile unit has its own copy of what it includes; a digest over what a
 * type is, down to the basic ones, finds them. What is behind a pointer counts by its name only: that ends every
 * circle, and a declaration is as good there as the definition.
 */
#include <stdlib.h>
#include <string.h>

#include "bpf/btf.h"
#include "host/mkbtf.h"
#include "lib/sha256.h"

static void number(struct sha256 *s, uint64_t n)
{
	sha256_update(s, &n, sizeof(n));
}

static void text(struct sha256 *s, const char *t)
{
	sha256_update(s, t, strlen(t) + 1);
}

static void digest(const struct types *t, struct type *type);

/* A part of another type, in full. */
static void whole(const struct types *t, struct sha256 *s, uint64_t offset)
{
	struct type *type = types_at(t, offset);

	if (!type) {
		number(s, 0);
		return;
	}
	digest(t, type);
	if (type->hashed)
		sha256_update(s, type->digest, sizeof(type->digest));
	else
		number(s, 1); /* a circle without a name, which C cannot have */
}

/* Something behind a pointer. */
static void named(const struct types *t, struct sha256 *s, uint64_t offset)
{
	struct type *type = types_at(t, offset);

	if (!type || !type->name[0]) {
		whole(t, s, offset);
		return;
	}
	/* A declaration may be of what is defined elsewhere. */
	number(s, type->kind == BTF_KIND_FWD ? type->is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT : type->kind);
	text(s, type->name);
}

static void feed(const struct types *t, struct sha256 *s, const struct type *type)
{
	number(s, type->kind);
	text(s, type->name);
	number(s, type->size);
	number(s, type->is_signed | type->is_bool << 1 | type->is_union << 2);
	number(s, type->item_count);
	if (type->kind == BTF_KIND_PTR || type->kind == BTF_KIND_FUNC_PROTO)
		named(t, s, type->ref);
	else if (type->kind != BTF_KIND_ENUM)
		whole(t, s, type->ref);
	for (uint32_t i = 0; i < type->item_count; i++) {
		const struct item *item = &type->items[i];

		text(s, item->name);
		number(s, item->bit);
		number(s, item->bits);
		number(s, item->value);
		if (type->kind == BTF_KIND_FUNC_PROTO)
			named(t, s, item->type);
		else
			whole(t, s, item->type);
	}
}

static void digest(const struct types *t, struct type *type)
{
	uint8_t full[SHA256_SIZE];
	struct sha256 s;

	if (type->hashed || type->hashing)
		return;
	type->hashing = true;
	sha256_init(&s);
	feed(t, &s, type);
	sha256_final(&s, full);
	memcpy(type->digest, full, sizeof(type->digest));
	type->hashed = true;
}

void types_digest(struct types *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		t->list[i].hashed = t->list[i].hashing = false;
	for (uint32_t i = 0; i < t->count; i++)
		digest(t, &t->list[i]);
}

void table_key(uint8_t key[16], unsigned kind, bool kernel, const char *name)
{
	uint8_t full[SHA256_SIZE], what[2] = {(uint8_t)kind, kernel};
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, what, sizeof(what));
	text(&s, name);
	sha256_final(&s, full);
	memcpy(key, full, 16);
}

/* Where KEY is, or would be. */
static struct slot *slot_of(const struct table *t, const uint8_t key[16])
{
	uint32_t at;

	memcpy(&at, key, sizeof(at));
	for (;; at++) {
		struct slot *s = &t->slots[at & (t->size - 1)];

		if (!s->used || memcmp(s->key, key, sizeof(s->key)) == 0)
			return s;
	}
}

static void grow(struct table *t)
{
	struct table bigger = {.size = t->size ? 2 * t->size : 1024, .used = t->used};

	bigger.slots = more(NULL, bigger.size, sizeof(struct slot));
	memset(bigger.slots, 0, bigger.size * sizeof(struct slot));
	for (uint32_t i = 0; i < t->size; i++)
		if (t->slots[i].used)
			*slot_of(&bigger, t->slots[i].key) = t->slots[i];
	free(t->slots);
	*t = bigger;
}

uint32_t table_put(struct table *t, const uint8_t key[16], uint32_t value)
{
	struct slot *s;

	if (t->used >= t->size / 2)
		grow(t);
	s = slot_of(t, key);
	if (!s->used) {
		memcpy(s->key, key, sizeof(s->key));
		s->value = value;
		s->used = true;
		t->used++;
	}
	return s->value;
}

uint32_t table_find(const struct table *t, const uint8_t key[16])
{
	const struct slot *s = t->size ? slot_of(t, key) : NULL;

	return s && s->used ? s->value : UINT32_MAX;
}
