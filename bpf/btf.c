/* pure */
/* btf.c: checks BTF record by record, and the few questions that btf.h answers about a type. */
#include "bpf/btf.h"

#include "bpf/map.h"
#include "lib/errno.h"
#include "lib/str.h"

#define BTF_MAGIC     0xeb9f
#define BTF_TYPES_MAX (1u << 22) /* Linux's BTF_MAX_TYPE has 2^20; an application's whole DWARF may have more */
#define CHAIN_MAX     64	 /* modifiers, typedefs and arrays one behind the other */

struct btf_header { /* btf.rst, 2 */
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t hdr_len;
	uint32_t type_off;
	uint32_t type_len;
	uint32_t str_off;
	uint32_t str_len;
};
_Static_assert(sizeof(struct btf_header) == 24, "btf.rst, 2");

/* Bytes behind the record of a kind: fixed, and for each of vlen elements. */
static const struct {
	uint8_t fixed;
	uint8_t each;
} body_of[BTF_KIND_COUNT] = {
	[BTF_KIND_INT] = {4, 0},
	[BTF_KIND_ARRAY] = {sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {0, sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {0, sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {0, sizeof(struct btf_enum)},
	[BTF_KIND_FUNC_PROTO] = {0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {4, 0},
	[BTF_KIND_DATASEC] = {0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_DECL_TAG] = {4, 0},
	[BTF_KIND_ENUM64] = {0, sizeof(struct btf_enum64)},
};

/* The type numbers and names inside type T exist: a second pass, as types may name later ones. */
static bool references_good(const struct btf *btf, const struct btf_type *t)
{
	uint32_t vlen = btf_vlen(t);

	if (t->name >= btf->strings_len)
		return false;
	switch (btf_kind(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
	case BTF_KIND_TYPE_TAG:
		return t->size_or_type < btf->count;
	case BTF_KIND_ARRAY: {
		const struct btf_array *a = btf_body(t);

		return a->type < btf->count && a->index_type < btf->count;
	}
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION: {
		const struct btf_member *m = btf_body(t);

		for (uint32_t i = 0; i < vlen; i++)
			if (m[i].type >= btf->count || m[i].name >= btf->strings_len)
				return false;
		return true;
	}
	case BTF_KIND_ENUM: {
		const struct btf_enum *e = btf_body(t);

		for (uint32_t i = 0; i < vlen; i++)
			if (e[i].name >= btf->strings_len)
				return false;
		return true;
	}
	case BTF_KIND_ENUM64: {
		const struct btf_enum64 *e = btf_body(t);

		for (uint32_t i = 0; i < vlen; i++)
			if (e[i].name >= btf->strings_len)
				return false;
		return true;
	}
	case BTF_KIND_FUNC_PROTO: {
		const struct btf_param *p = btf_body(t);

		for (uint32_t i = 0; i < vlen; i++)
			if (p[i].type >= btf->count || p[i].name >= btf->strings_len)
				return false;
		return t->size_or_type < btf->count;
	}
	case BTF_KIND_DATASEC: {
		const struct btf_var_secinfo *v = btf_body(t);

		for (uint32_t i = 0; i < vlen; i++)
			if (v[i].type >= btf->count)
				return false;
		return true;
	}
	default:
		return true;
	}
}

/* Walks the records; with OFFSETS also notes where each is. Returns their number, or 0 if one is damaged. */
static uint32_t walk(const uint8_t *types, uint32_t len, uint32_t *offsets)
{
	uint32_t at = 0, count = 1;

	while (at < len) {
		struct btf_type t;
		enum btf_kind kind;
		uint64_t body;

		if (len - at < sizeof(t) || count == BTF_TYPES_MAX)
			return 0;
		memcpy(&t, types + at, sizeof(t));
		kind = btf_kind(&t);
		if (kind == BTF_KIND_VOID || kind >= BTF_KIND_COUNT)
			return 0;
		body = body_of[kind].fixed + (uint64_t)btf_vlen(&t) * body_of[kind].each;
		if (body > len - at - sizeof(t))
			return 0;
		if (offsets)
			offsets[count] = at;
		count++;
		at += sizeof(t) + body;
	}
	return count;
}

int btf_open(const void *data, size_t len, struct bpf_mem *mem, struct btf *ret, const char **ret_why)
{
	struct btf_header h;
	struct btf btf = {.mem = mem};
	const char *why = NULL;
	uint64_t after;

	if (len < sizeof(h) || (uintptr_t)data % 4) {
		*ret_why = "it is too short or not aligned";
		return -EBADMSG;
	}
	memcpy(&h, data, sizeof(h));
	if (h.magic != BTF_MAGIC || h.version != 1 || h.hdr_len < sizeof(h) || h.hdr_len > len || h.hdr_len % 4) {
		*ret_why = "the header is no BTF of version 1";
		return -EBADMSG;
	}
	after = len - h.hdr_len;
	if (h.type_off % 4 || h.type_off > after || h.type_len > after - h.type_off || h.str_off > after ||
	    h.str_len > after - h.str_off) {
		*ret_why = "its sections leave it";
		return -EBADMSG;
	}
	btf.types = (const uint8_t *)data + h.hdr_len + h.type_off;
	btf.strings = (const char *)data + h.hdr_len + h.str_off;
	btf.strings_len = h.str_len;
	if (h.str_len == 0 || btf.strings[0] || btf.strings[h.str_len - 1]) {
		*ret_why = "the strings do not begin and end with a NUL";
		return -EBADMSG;
	}
	btf.count = walk(btf.types, h.type_len, NULL);
	if (!btf.count) {
		*ret_why = "a type is of an unknown kind or leaves the section";
		return -EBADMSG;
	}
	btf.offsets = bpf_mem_alloc(mem, btf.count * sizeof(*btf.offsets));
	if (!btf.offsets)
		return -ENOMEM;
	walk(btf.types, h.type_len, btf.offsets);
	for (uint32_t id = 1; id < btf.count && !why; id++)
		if (!references_good(&btf, btf_type(&btf, id)))
			why = "a type names another one, or a string, that does not exist";
	if (why) {
		btf_close(&btf);
		*ret_why = why;
		return -EBADMSG;
	}
	*ret = btf;
	return 0;
}

void btf_close(struct btf *btf)
{
	bpf_mem_free(btf->mem, btf->offsets, btf->count * sizeof(*btf->offsets));
	btf->offsets = NULL;
	btf->count = 0;
}

const char *btf_string(const struct btf *btf, uint32_t offset)
{
	return offset < btf->strings_len ? btf->strings + offset : "";
}

uint32_t btf_strip(const struct btf *btf, uint32_t id)
{
	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		const struct btf_type *t = btf_type(btf, id);

		switch (btf_kind(t)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->size_or_type;
			break;
		default:
			return id;
		}
	}
	return 0;
}

int btf_size(const struct btf *btf, uint32_t id, uint64_t *ret_size)
{
	uint64_t times = 1;

	for (unsigned i = 0; i < CHAIN_MAX; i++) {
		const struct btf_type *t = btf_type(btf, btf_strip(btf, id));
		uint64_t one;

		switch (btf_kind(t)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
		case BTF_KIND_DATASEC:
			one = t->size_or_type;
			break;
		case BTF_KIND_PTR:
			one = 8;
			break;
		case BTF_KIND_ARRAY: {
			const struct btf_array *a = btf_body(t);

			if (__builtin_mul_overflow(times, a->nelems, &times))
				return -EINVAL;
			id = a->type;
			continue;
		}
		case BTF_KIND_VAR:
			id = t->size_or_type;
			continue;
		default:
			return -EINVAL;
		}
		if (__builtin_mul_overflow(one, times, &one))
			return -EINVAL;
		*ret_size = one;
		return 0;
	}
	return -EINVAL;
}

void btf_member_place(const struct btf_type *of, const struct btf_member *m, uint32_t *ret_bit, uint32_t *ret_bits)
{
	*ret_bit = btf_kind_flag(of) ? m->offset & 0xffffff : m->offset;
	*ret_bits = btf_kind_flag(of) ? m->offset >> 24 : 0;
}
