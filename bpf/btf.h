/* pure */
/*
 * btf.h: a checked reader over BTF, the compact type information that clang writes into .BTF (Linux,
 * Documentation/bpf/btf.rst). btf_open() checks every record once: afterwards each type lies inside the data, each type
 * number and each name that it holds exists, and the accessors cannot fail. Chains of modifiers are walked with a
 * bound.
 */
#ifndef BPF_BTF_H
#define BPF_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_mem;

/* 2.2, kinds. */
enum btf_kind {
	BTF_KIND_VOID = 0,
	BTF_KIND_INT = 1,
	BTF_KIND_PTR = 2,
	BTF_KIND_ARRAY = 3,
	BTF_KIND_STRUCT = 4,
	BTF_KIND_UNION = 5,
	BTF_KIND_ENUM = 6,
	BTF_KIND_FWD = 7,
	BTF_KIND_TYPEDEF = 8,
	BTF_KIND_VOLATILE = 9,
	BTF_KIND_CONST = 10,
	BTF_KIND_RESTRICT = 11,
	BTF_KIND_FUNC = 12,
	BTF_KIND_FUNC_PROTO = 13,
	BTF_KIND_VAR = 14,
	BTF_KIND_DATASEC = 15,
	BTF_KIND_FLOAT = 16,
	BTF_KIND_DECL_TAG = 17,
	BTF_KIND_TYPE_TAG = 18,
	BTF_KIND_ENUM64 = 19,
	BTF_KIND_COUNT = 20,
};

/* struct btf_type, 2.2: what follows it depends on the kind. */
struct btf_type {
	uint32_t name; /* offset into the strings */
	uint32_t info; /* bits 0-15: vlen, 24-28: kind, 31: kind_flag */
	uint32_t size_or_type;
};
_Static_assert(sizeof(struct btf_type) == 12, "btf.rst, 2.2");

struct btf_array { /* 2.2.3 */
	uint32_t type;
	uint32_t index_type;
	uint32_t nelems;
};

struct btf_member { /* 2.2.4 */
	uint32_t name;
	uint32_t type;
	uint32_t offset; /* bits; with kind_flag bits 24-31 are a bit field's size */
};

struct btf_enum { /* 2.2.6 */
	uint32_t name;
	int32_t value;
};

struct btf_enum64 { /* 2.2.19 */
	uint32_t name;
	uint32_t low;
	uint32_t high;
};

struct btf_param { /* 2.2.13 */
	uint32_t name;
	uint32_t type;
};

struct btf_var_secinfo { /* 2.2.15 */
	uint32_t type;
	uint32_t offset;
	uint32_t size;
};

struct btf {
	const uint8_t *types;
	const char *strings;
	uint32_t strings_len;
	uint32_t count;	   /* types 0 (void) .. count - 1 */
	uint32_t *offsets; /* of each type in `types`; entry 0 is not used */
	struct bpf_mem *mem;
};

/*
 * Opens the LEN bytes at DATA, aligned by 4, which must outlive the result. -EBADMSG: damaged; *ret_why then points at
 * a constant that says what. -ENOMEM.
 */
int btf_open(const void *data, size_t len, struct bpf_mem *mem, struct btf *ret, const char **ret_why);
void btf_close(struct btf *btf);

static inline const struct btf_type *btf_type(const struct btf *btf, uint32_t id)
{
	static const struct btf_type nothing;

	return id == 0 || id >= btf->count ? &nothing : (const struct btf_type *)(btf->types + btf->offsets[id]);
}

static inline enum btf_kind btf_kind(const struct btf_type *t)
{
	return (enum btf_kind)(t->info >> 24 & 0x1f);
}

static inline uint32_t btf_vlen(const struct btf_type *t)
{
	return t->info & 0xffff;
}

static inline bool btf_kind_flag(const struct btf_type *t)
{
	return t->info >> 31;
}

/* What follows the record: struct btf_array, struct btf_member[], ... */
static inline const void *btf_body(const struct btf_type *t)
{
	return t + 1;
}

/* The string at OFFSET; "" for one that does not exist. */
const char *btf_string(const struct btf *btf, uint32_t offset);
static inline const char *btf_name(const struct btf *btf, const struct btf_type *t)
{
	return btf_string(btf, t->name);
}

/* Behind typedefs, const, volatile, restrict and type tags: another type's number; 0 if the chain does not end. */
uint32_t btf_strip(const struct btf *btf, uint32_t id);

/* Bytes of a value of type ID; -EINVAL if it has no size (void, functions, incomplete types). */
int btf_size(const struct btf *btf, uint32_t id, uint64_t *ret_size);

/* Offset and size in bits of a member; size 0 if it is no bit field. */
void btf_member_place(const struct btf_type *of, const struct btf_member *m, uint32_t *ret_bit, uint32_t *ret_bits);

/* btf.rst 2.2.1, the encoding word behind an integer. */
static inline bool btf_int_signed(const struct btf_type *t)
{
	return *(const uint32_t *)btf_body(t) >> 24 & 1;
}

#endif
