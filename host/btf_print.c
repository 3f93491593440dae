/*
 * btf_print.c: see btf_print.h.
 */
#include "host/btf_print.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX  32
#define VALUES_MAX 100000 /* in one result: types may be inside each other more than once */

struct printer {
	const struct btf *btf;
	const uint8_t *bytes;
	size_t size;
	unsigned left;
};

static cJSON *value(struct printer *p, uint32_t id, uint64_t at, unsigned depth);

/* N bytes at `at`, at most 8, as a number. */
static uint64_t load(const struct printer *p, uint64_t at, uint64_t n)
{
	uint64_t v = 0;

	memcpy(&v, p->bytes + at, n);
	return v;
}

/* cJSON's own numbers are doubles. */
static cJSON *number(uint64_t v, bool is_signed)
{
	char text[32];

	if (is_signed)
		snprintf(text, sizeof(text), "%lld", (long long)v);
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	return cJSON_CreateRaw(text);
}

static int64_t extend(uint64_t v, unsigned bits)
{
	return bits == 0 || bits >= 64 ? (int64_t)v : (int64_t)(v << (64 - bits)) >> (64 - bits);
}

static cJSON *integer(const struct btf_type *t, uint64_t v, unsigned bits)
{
	bool is_signed = btf_int_signed(t);

	if (*(const uint32_t *)btf_body(t) >> 24 & 4) /* btf.rst 2.2.1, BTF_INT_BOOL */
		return cJSON_CreateBool(v != 0);
	return number(is_signed ? (uint64_t)extend(v, bits) : v, is_signed);
}

static cJSON *enumerator(const struct printer *p, const struct btf_type *t, uint64_t v, unsigned bits)
{
	const struct btf_enum *e = btf_body(t);
	const struct btf_enum64 *wide = btf_body(t);
	bool is_wide = btf_kind(t) == BTF_KIND_ENUM64;

	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		uint64_t its = is_wide ? (uint64_t)wide[i].high << 32 | wide[i].low : (uint32_t)e[i].value;

		if (bits >= 64 ? its == v : ((its ^ v) & ((1ull << bits) - 1)) == 0)
			return cJSON_CreateString(btf_string(p->btf, is_wide ? wide[i].name : e[i].name));
	}
	return number(btf_kind_flag(t) ? (uint64_t)extend(v, bits) : v, btf_kind_flag(t));
}

static cJSON *hexadecimal(uint64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)v);
	return cJSON_CreateString(text);
}

static cJSON *floating(const struct printer *p, uint64_t at, uint64_t size)
{
	float f;
	double d;

	if (size == sizeof(f)) {
		memcpy(&f, p->bytes + at, sizeof(f));
		return cJSON_CreateNumber((double)f);
	}
	if (size != sizeof(d))
		return cJSON_CreateNull();
	memcpy(&d, p->bytes + at, sizeof(d));
	return cJSON_CreateNumber(d);
}

/* A text that ends in its array, of printable characters. */
static cJSON *string(const struct printer *p, const struct btf_array *a, uint64_t at)
{
	const struct btf_type *t = btf_type(p->btf, btf_strip(p->btf, a->type));
	const char *text = (const char *)p->bytes + at;
	size_t n;

	if (btf_kind(t) != BTF_KIND_INT || t->size_or_type != 1 || strcmp(btf_name(p->btf, t), "char") != 0)
		return NULL;
	n = strnlen(text, a->nelems);
	if (n == a->nelems)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] == 0x7f)
			return NULL;
	return cJSON_CreateString(text);
}

static cJSON *array(struct printer *p, const struct btf_array *a, uint64_t at, unsigned depth)
{
	cJSON *list = string(p, a, at);
	uint64_t size;

	if (list || btf_size(p->btf, a->type, &size) < 0)
		return list ? list : cJSON_CreateNull();
	list = cJSON_CreateArray();
	for (uint32_t i = 0; i < a->nelems && p->left; i++)
		cJSON_AddItemToArray(list, value(p, a->type, at + i * size, depth + 1));
	return list;
}

static cJSON *bit_field(const struct printer *p, const struct btf_member *m, uint64_t bit, uint32_t bits)
{
	const struct btf_type *t = btf_type(p->btf, btf_strip(p->btf, m->type));
	uint64_t first = bit / 8, n = (bit % 8 + bits + 7) / 8, v;

	if (bits > 64 || n > 9 || first > p->size || n > p->size - first)
		return cJSON_CreateNull();
	v = load(p, first, n > 8 ? 8 : n) >> bit % 8;
	if (n > 8)
		v |= (uint64_t)p->bytes[first + 8] << (64 - bit % 8);
	if (bits < 64)
		v &= (1ull << bits) - 1;
	if (btf_kind(t) == BTF_KIND_INT)
		return integer(t, v, bits);
	if (btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64)
		return enumerator(p, t, v, bits);
	return cJSON_CreateNull();
}

static cJSON *members(struct printer *p, const struct btf_type *t, uint64_t at, unsigned depth)
{
	const struct btf_member *m = btf_body(t);
	cJSON *object = cJSON_CreateObject();

	for (uint32_t i = 0; i < btf_vlen(t) && p->left; i++) {
		const char *name = btf_string(p->btf, m[i].name);
		uint32_t bit, bits;
		cJSON *v;

		btf_member_place(t, &m[i], &bit, &bits);
		v = bits ? bit_field(p, &m[i], at * 8 + bit, bits) : value(p, m[i].type, at + bit / 8, depth + 1);
		/* Those without a name, as a program sees them: their members are its own. */
		if (!*name && cJSON_IsObject(v)) {
			while (v->child) {
				cJSON *first = cJSON_DetachItemViaPointer(v, v->child);

				cJSON_AddItemToObject(object, first->string, first);
			}
			cJSON_Delete(v);
		} else {
			cJSON_AddItemToObject(object, name, v);
		}
	}
	return object;
}

static cJSON *variables(struct printer *p, const struct btf_type *t, uint64_t at, unsigned depth)
{
	const struct btf_var_secinfo *v = btf_body(t);
	cJSON *object = cJSON_CreateObject();

	for (uint32_t i = 0; i < btf_vlen(t) && p->left; i++) {
		const struct btf_type *var = btf_type(p->btf, v[i].type);

		cJSON_AddItemToObject(object, btf_name(p->btf, var),
				      value(p, var->size_or_type, at + v[i].offset, depth + 1));
	}
	return object;
}

static cJSON *value(struct printer *p, uint32_t id, uint64_t at, unsigned depth)
{
	const struct btf_type *t = btf_type(p->btf, btf_strip(p->btf, id));
	uint64_t size;

	if (p->left)
		p->left--;
	if (!p->left || depth > DEPTH_MAX || btf_size(p->btf, btf_strip(p->btf, id), &size) < 0 || at > p->size ||
	    (size > p->size - at && btf_kind(t) != BTF_KIND_DATASEC))
		return cJSON_CreateNull();
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return size > 8 || size == 0 ? cJSON_CreateNull()
					     : integer(t, load(p, at, size), (unsigned)size * 8);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return size > 8 || size == 0 ? cJSON_CreateNull()
					     : enumerator(p, t, load(p, at, size), (unsigned)size * 8);
	case BTF_KIND_PTR:
		return hexadecimal(load(p, at, 8));
	case BTF_KIND_FLOAT:
		return floating(p, at, size);
	case BTF_KIND_ARRAY:
		return array(p, btf_body(t), at, depth);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members(p, t, at, depth);
	case BTF_KIND_DATASEC:
		return variables(p, t, at, depth);
	default:
		return cJSON_CreateNull();
	}
}

cJSON *btf_print(const struct btf *btf, uint32_t type, const uint8_t *bytes, size_t size)
{
	struct printer p = {.btf = btf, .bytes = bytes, .size = size, .left = VALUES_MAX};

	return value(&p, type, 0, 0);
}
