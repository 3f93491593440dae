/* pure */
/* core_path.c: ways into types, in the object's BTF and, by the names on the way, in another; what they are worth. */
#include "bpf/core.h"

#include "lib/errno.h"
#include "lib/str.h"

#define NESTED_MAX 16 /* anonymous members inside each other */

static bool composite(enum btf_kind kind)
{
	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static bool enumeration(enum btf_kind kind)
{
	return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

static bool of_type(enum core_kind kind)
{
	return (kind >= CORE_TYPE_ID_LOCAL && kind <= CORE_TYPE_SIZE) || kind == CORE_TYPE_MATCHES;
}

static bool of_enum(enum core_kind kind)
{
	return kind == CORE_ENUMVAL_EXISTS || kind == CORE_ENUMVAL_VALUE;
}

/* Length of NAME without a ___flavour at its end. */
static size_t essential(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = n; i > 3; i--)
		if (name[i - 1] != '_' && i + 3 <= n && name[i] == '_' && name[i + 1] == '_' && name[i + 2] == '_')
			return i;
	return n;
}

static bool same_name(const char *a, const char *b)
{
	size_t n = essential(a);

	return n == essential(b) && memcmp(a, b, n) == 0;
}

bool core_candidate(const struct btf *local, uint32_t root, const struct btf *target, uint32_t id)
{
	const struct btf_type *a = btf_type(local, root), *b = btf_type(target, id);
	const char *name = btf_name(local, a);

	return name[0] && (btf_kind(a) == btf_kind(b) || (enumeration(btf_kind(a)) && enumeration(btf_kind(b)))) &&
	       same_name(name, btf_name(target, b));
}

/* Number I of "3:1:4". */
static int next_number(const char **at, uint32_t *ret)
{
	uint64_t n = 0;
	const char *p = *at;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > UINT32_MAX)
			return -EINVAL;
	}
	if (*p == ':')
		p++;
	else if (*p)
		return -EINVAL;
	*at = p;
	*ret = n;
	return 0;
}

static struct core_step *add_step(struct core_path *path, uint32_t type, uint32_t index)
{
	struct core_step *s;

	if (path->length == CORE_STEPS_MAX)
		return NULL;
	s = &path->step[path->length++];
	*s = (struct core_step){.type = type, .index = index};
	return s;
}

/* The enumerator INDEX of a type. */
static int enumerator(const struct btf *btf, const struct btf_type *t, uint32_t index, int64_t *ret,
		      const char **ret_name)
{
	if (index >= btf_vlen(t))
		return -EINVAL;
	if (btf_kind(t) == BTF_KIND_ENUM) {
		const struct btf_enum *e = (const struct btf_enum *)btf_body(t) + index;

		*ret = btf_kind_flag(t) ? e->value : (int64_t)(uint32_t)e->value;
		*ret_name = btf_string(btf, e->name);
	} else if (btf_kind(t) == BTF_KIND_ENUM64) {
		const struct btf_enum64 *e = (const struct btf_enum64 *)btf_body(t) + index;

		*ret = (int64_t)((uint64_t)e->high << 32 | e->low);
		*ret_name = btf_string(btf, e->name);
	} else {
		return -EINVAL;
	}
	return 0;
}

/* The first step: element INDEX of something that PATH's root points at. */
static int step_root(struct core_path *path, uint32_t index)
{
	uint64_t size = 0;

	if (index && btf_size(path->btf, path->root, &size) < 0)
		return -EINVAL;
	if (__builtin_mul_overflow(size, (uint64_t)index * 8, &path->bit_offset) || path->bit_offset > INT32_MAX)
		return -EINVAL;
	add_step(path, btf_strip(path->btf, path->root), index);
	path->leads_to = path->root;
	return 0;
}

static int step_member(struct core_path *path, uint32_t type, uint32_t index, bool named)
{
	const struct btf_type *t = btf_type(path->btf, type);
	const struct btf_member *m = (const struct btf_member *)btf_body(t) + index;
	struct core_step *s;
	uint32_t bit;

	if (index >= btf_vlen(t))
		return -EINVAL;
	btf_member_place(t, m, &bit, &path->bits);
	path->bit_offset += bit;
	path->leads_to = m->type;
	if (!named)
		return 0;
	s = add_step(path, type, index);
	if (!s)
		return -EINVAL;
	s->member = m;
	s->name = btf_string(path->btf, m->name);
	return 0;
}

static int step_element(struct core_path *path, uint32_t type, uint32_t index)
{
	const struct btf_array *a = btf_body(btf_type(path->btf, type));
	uint64_t size;

	/* An array of no elements at the end of a structure goes on as long as one likes. */
	if (a->nelems && index >= a->nelems)
		return -EINVAL;
	if (btf_size(path->btf, a->type, &size) < 0 || __builtin_mul_overflow(size, (uint64_t)index * 8, &size) ||
	    size > INT32_MAX)
		return -EINVAL;
	path->bit_offset += size;
	path->bits = 0;
	path->leads_to = a->type;
	return add_step(path, type, index) ? 0 : -EINVAL;
}

int core_path_parse(const struct btf *btf, uint32_t root, const char *access, enum core_kind kind,
		    struct core_path *ret)
{
	uint32_t index;
	int r;

	*ret = (struct core_path){.btf = btf, .root = root};
	if (root == 0 || root >= btf->count || next_number(&access, &index) < 0)
		return -EINVAL;
	if (of_type(kind)) {
		ret->leads_to = root;
		return *access || index ? -EINVAL : 0;
	}
	if (of_enum(kind))
		return *access ? -EINVAL
			       : enumerator(btf, btf_type(btf, btf_strip(btf, root)), index, &ret->enum_value,
					    &ret->enum_name);
	r = step_root(ret, index);
	while (r == 0 && *access) {
		uint32_t type = btf_strip(btf, ret->leads_to);
		enum btf_kind k = btf_kind(btf_type(btf, type));

		r = next_number(&access, &index);
		if (r == 0 && composite(k)) {
			const struct btf_member *m = btf_body(btf_type(btf, type));

			r = step_member(ret, type, index,
					index < btf_vlen(btf_type(btf, type)) && m[index].name &&
						*btf_string(btf, m[index].name));
		} else if (r == 0) {
			r = k == BTF_KIND_ARRAY ? step_element(ret, type, index) : -EINVAL;
		}
	}
	return r;
}

/* A field of type A may become one of type B: the same sort of thing, whatever its size. */
static bool fields_compatible(const struct btf *of_a, uint32_t a, const struct btf *of_b, uint32_t b)
{
	for (unsigned i = 0; i < NESTED_MAX; i++) {
		const struct btf_type *x = btf_type(of_a, btf_strip(of_a, a)), *y = btf_type(of_b, btf_strip(of_b, b));
		enum btf_kind k = btf_kind(x), l = btf_kind(y);

		if (composite(k) && composite(l))
			return true;
		if (enumeration(k) && enumeration(l))
			return true;
		if (k != l)
			return false;
		if (k != BTF_KIND_ARRAY)
			return true;
		a = ((const struct btf_array *)btf_body(x))->type;
		b = ((const struct btf_array *)btf_body(y))->type;
	}
	return false;
}

/* Looks for a member called NAME, also inside members without a name, and steps there. 1: found, 0: not, or an error.
 */
static int find_member(struct core_path *path, uint32_t type, const char *name, unsigned depth)
{
	const struct btf_type *t = btf_type(path->btf, type);
	const struct btf_member *m = btf_body(t);

	if (!composite(btf_kind(t)) || depth == NESTED_MAX)
		return 0;
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		const char *its = btf_string(path->btf, m[i].name);
		uint64_t bit_offset = path->bit_offset;
		int r;

		if (*its && strcmp(its, name) != 0)
			continue;
		r = step_member(path, type, i, *its);
		if (r < 0 || *its)
			return r < 0 ? r : 1;
		r = find_member(path, btf_strip(path->btf, m[i].type), name, depth + 1);
		if (r)
			return r;
		path->bit_offset = bit_offset;
	}
	return 0;
}

static int follow_enum(const struct core_path *local, const struct btf_type *t, struct core_path *ret)
{
	for (uint32_t i = 0; i < btf_vlen(t); i++) {
		if (enumerator(ret->btf, t, i, &ret->enum_value, &ret->enum_name) < 0)
			break;
		if (same_name(local->enum_name, ret->enum_name))
			return 0;
	}
	return -ENOENT;
}

int core_path_follow(const struct core_path *local, const struct btf *target, uint32_t root, enum core_kind kind,
		     struct core_path *ret)
{
	*ret = (struct core_path){.btf = target, .root = root, .leads_to = root};
	if (of_type(kind))
		return 0;
	if (of_enum(kind))
		return follow_enum(local, btf_type(target, btf_strip(target, root)), ret);
	if (step_root(ret, local->step[0].index) < 0)
		return -ENOENT;
	for (uint32_t i = 1; i < local->length; i++) {
		const struct core_step *s = &local->step[i];
		uint32_t type = btf_strip(target, ret->leads_to);

		if (s->name) {
			if (find_member(ret, type, s->name, 0) != 1 ||
			    !fields_compatible(local->btf, s->member->type, target, ret->leads_to))
				return -ENOENT;
		} else if (btf_kind(btf_type(target, type)) != BTF_KIND_ARRAY ||
			   step_element(ret, type, s->index) < 0) {
			return -ENOENT;
		}
	}
	return 0;
}

static int field_value(const struct core_path *path, enum core_kind kind, uint64_t *ret)
{
	const struct btf_type *t = btf_type(path->btf, btf_strip(path->btf, path->leads_to));
	uint64_t size, offset = path->bit_offset / 8, bits = path->bits;

	if (btf_size(path->btf, path->leads_to, &size) < 0)
		return kind == CORE_FIELD_BYTE_OFFSET ? (*ret = offset, 0) : -ENOENT;
	if (bits) {
		/* The smallest aligned word that has the whole bit field. */
		if (size == 0 || size > 8)
			return -ENOENT;
		offset = offset / size * size;
		while (path->bit_offset + bits - offset * 8 > size * 8) {
			if (size >= 8)
				return -ENOENT;
			size *= 2;
			offset = path->bit_offset / 8 / size * size;
		}
	} else {
		bits = size * 8;
	}
	switch (kind) {
	case CORE_FIELD_BYTE_OFFSET:
		*ret = offset;
		return 0;
	case CORE_FIELD_BYTE_SIZE:
		*ret = size;
		return 0;
	case CORE_FIELD_SIGNED:
		/* Encoding bits: signed, char, bool (btf.rst 2.2.1); enumerations say so by their kind_flag. */
		*ret = btf_kind(t) == BTF_KIND_INT ? btf_int_signed(t) : enumeration(btf_kind(t)) && btf_kind_flag(t);
		return 0;
	case CORE_FIELD_LSHIFT_U64:
		*ret = 64 - (path->bit_offset + bits - offset * 8);
		return bits > 64 ? -ENOENT : 0;
	case CORE_FIELD_RSHIFT_U64:
		*ret = 64 - bits;
		return bits > 64 ? -ENOENT : 0;
	default:
		return -EINVAL;
	}
}

int core_value(const struct core_path *path, enum core_kind kind, uint64_t *ret)
{
	switch (kind) {
	case CORE_FIELD_EXISTS:
	case CORE_TYPE_EXISTS:
	case CORE_TYPE_MATCHES:
	case CORE_ENUMVAL_EXISTS:
		*ret = path != NULL;
		return 0;
	case CORE_TYPE_ID_LOCAL:
	case CORE_TYPE_ID_TARGET:
		*ret = path ? path->root : 0;
		return 0;
	case CORE_TYPE_SIZE:
		*ret = 0;
		return path && btf_size(path->btf, path->root, ret) < 0 ? -ENOENT : 0;
	case CORE_ENUMVAL_VALUE:
		if (!path)
			return -ENOENT;
		*ret = (uint64_t)path->enum_value;
		return 0;
	default:
		return path ? field_value(path, kind, ret) : -ENOENT;
	}
}
