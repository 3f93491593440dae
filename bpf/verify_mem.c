/* pure */
/*
 * verify_mem.c: loads, stores and atomic operations: what the pointer points at, whether all bytes that it may reach
 * are inside, and what is read. The stack is verify_stack.c's, the context verify_ctx.c's.
 */
#include "bpf/verify_priv.h"

/* As far as a packet pointer may be from its base. */
#define OFFSET_MAX (1 << 29)

/* The map that a register's `what` names: numbers behind those of the program's are their inner maps' templates. */
const struct bpf_map *map_of(struct verifier *v, uint32_t what)
{
	uint32_t count = v->prog->map_count;

	return what < count ? v->prog->maps[what] : v->prog->maps[what - count]->inner;
}

static int refuse_out(struct verifier *v, unsigned number, int64_t from, int64_t to, const char *object, uint32_t size)
{
	if (from == to)
		return refuse(v, "r%u in [%lld], %s is %u bytes", number, (long long)from, object, size);
	return refuse(v, "r%u in [%lld,%lld], %s is %u bytes", number, (long long)from, (long long)to, object, size);
}

static const char *object_of(const struct vreg *ptr)
{
	switch (ptr->type) {
	case V_MAP_VALUE:
		return "map value";
	case V_MAP_KEY:
		return "map key";
	case V_PACKET:
		return "what is known of the packet";
	case V_META:
		return "what is known of the metadata";
	default:
		return "memory";
	}
}

static int check_rights(struct verifier *v, unsigned number, const struct vreg *ptr, enum access access)
{
	const struct bpf_map *map;

	if (ptr->type == V_MAP_KEY && access == ACCESS_WRITE)
		return refuse(v, "r%u is a map key: it cannot be written", number);
	if (ptr->type != V_MAP_VALUE)
		return 0;
	map = map_of(v, ptr->what);
	if (access == ACCESS_WRITE && (map->map_flags & BPF_F_RDONLY_PROG))
		return refuse(v, "r%u is a value of a map that programs may only read", number);
	if (access == ACCESS_READ && (map->map_flags & BPF_F_WRONLY_PROG))
		return refuse(v, "r%u is a value of a map that programs may only write", number);
	return 0;
}

int check_object(struct verifier *v, unsigned number, int off, uint32_t size, enum access access)
{
	const struct vreg *ptr = reg_of(v, number);
	int64_t base = (int64_t)ptr->off + off;
	char text[RANGE_TEXT];
	uint32_t limit;

	switch (ptr->type) {
	case V_MAP_VALUE:
		limit = map_of(v, ptr->what)->value_size;
		break;
	case V_MAP_KEY:
		limit = map_of(v, ptr->what)->key_size;
		break;
	case V_PACKET:
	case V_META:
	case V_MEM:
		limit = ptr->what;
		break;
	default:
		return refuse(v, "r%u is %s: there is nothing to %s", number, type_text(ptr),
			      access == ACCESS_READ ? "read" : "write");
	}
	if (ptr->r.smax >= OFFSET_MAX)
		return refuse(v, "r%u in %s, %s is %u bytes", number, range_text(&ptr->r, text), object_of(ptr), limit);
	if (ptr->type == V_PACKET || ptr->type == V_META) {
		/* The comparison with the end spoke of base and range together, so only the range's sign matters. */
		if (base < 0 || ptr->r.smin < 0 || base + size > limit)
			return refuse_out(v, number, base + (ptr->r.smin < 0 ? ptr->r.smin : 0), base + size - 1,
					  object_of(ptr), limit);
		return check_rights(v, number, ptr, access);
	}
	if (base + ptr->r.smin < 0 || base + ptr->r.smax + size > limit)
		return refuse_out(v, number, base + ptr->r.smin, base + ptr->r.smax + size - 1, object_of(ptr), limit);
	return check_rights(v, number, ptr, access);
}

static int check_pointer(struct verifier *v, unsigned number, enum access access)
{
	const struct vreg *ptr = reg_of(v, number);
	struct vaux *aux = &v->aux[v->pc];
	int r = check_readable(v, number);

	if (r < 0)
		return r;
	if (!vreg_is_pointer(ptr)) {
		char text[RANGE_TEXT];

		return refuse(v, "r%u is a number, %s, and no pointer", number, range_text(&ptr->r, text));
	}
	if (ptr->flags & V_OR_NULL)
		return refuse(v, "r%u is %s: compare it with 0 first", number, type_text(ptr));
	/* Context accesses are rewritten: the instruction must have but one meaning. */
	aux->flags |= ptr->type == V_CTX ? AUX_CTX : AUX_OTHER;
	if ((aux->flags & AUX_CTX) && (aux->flags & AUX_OTHER))
		return refuse(v, "r%u is the context on one path and something else on another", number);
	return 0;
}

static struct range loaded(unsigned size, bool is_signed)
{
	struct range r = range_unknown();

	if (is_signed)
		range_sext(&r, size);
	else
		range_zext(&r, size);
	return r;
}

const uint8_t *constant_value(const struct bpf_map *map)
{
	bool constant = map->type == BPF_MAP_TYPE_ARRAY && map->max_entries == 1 && map->frozen &&
			(map->map_flags & BPF_F_RDONLY_PROG);

	return constant ? map->values : NULL;
}

/* What a constant map holds is known now. */
static bool load_constant(struct verifier *v, const struct vreg *ptr, int off, unsigned size, uint64_t *ret)
{
	const uint8_t *bytes;
	uint64_t value = 0;

	if (ptr->type != V_MAP_VALUE || !range_is_const(&ptr->r))
		return false;
	bytes = constant_value(map_of(v, ptr->what));
	if (!bytes)
		return false;
	memcpy(&value, bytes + ptr->off + off + ptr->r.smin, size);
	*ret = value;
	return true;
}

int check_load(struct verifier *v, const struct bpf_insn *insn)
{
	unsigned size = bpf_size_bytes(insn->code);
	bool is_signed = BPF_MODE(insn->code) == BPF_MEMSX;
	struct vreg *dst = reg_of(v, insn->dst_reg);
	const struct vreg *ptr = reg_of(v, insn->src_reg);
	uint64_t constant;
	struct vreg value;
	struct range r;
	int err = check_pointer(v, insn->src_reg, ACCESS_READ);

	if (err < 0)
		return err;
	if (ptr->type == V_STACK)
		return check_stack_load(v, insn, ptr, size);
	if (ptr->type == V_CTX) {
		if (is_signed)
			return refuse(v, "a sign-extending load from the context");
		err = check_context(v, insn, insn->off, size, ACCESS_READ, &value);
		if (err == 0)
			*dst = value;
		return err;
	}
	err = check_object(v, insn->src_reg, insn->off, size, ACCESS_READ);
	if (err < 0)
		return err;
	if (load_constant(v, ptr, insn->off, size, &constant)) {
		r = range_const(constant);
		if (is_signed)
			range_sext(&r, size);
	} else {
		r = loaded(size, is_signed);
	}
	vreg_set_scalar(dst, &r);
	return 0;
}

int check_store(struct verifier *v, const struct bpf_insn *insn)
{
	unsigned size = bpf_size_bytes(insn->code);
	const struct vreg *ptr = reg_of(v, insn->dst_reg);
	struct vreg constant;
	const struct vreg *value = &constant;
	int r = check_pointer(v, insn->dst_reg, ACCESS_WRITE);

	if (r < 0)
		return r;
	if (BPF_CLASS(insn->code) == BPF_STX) {
		r = check_readable(v, insn->src_reg);
		if (r < 0)
			return r;
		value = reg_of(v, insn->src_reg);
	} else {
		vreg_set_const(&constant, (uint64_t)(int64_t)insn->imm);
	}
	if (ptr->type == V_STACK)
		return check_stack_store(v, insn, ptr, size, value);
	if (vreg_is_pointer(value))
		return refuse(v, "r%u is %s: its address would leave the program through r%u, %s", insn->src_reg,
			      type_text(value), insn->dst_reg, type_text(ptr));
	if (ptr->type == V_CTX)
		return check_context(v, insn, insn->off, size, ACCESS_WRITE, NULL);
	return check_object(v, insn->dst_reg, insn->off, size, ACCESS_WRITE);
}

static int check_number(struct verifier *v, unsigned number)
{
	int r = check_readable(v, number);

	if (r == 0 && vreg_is_pointer(reg_of(v, number)))
		return refuse(v, "r%u is %s: an atomic operation takes a number", number, type_text(reg_of(v, number)));
	return r;
}

int check_atomic(struct verifier *v, const struct bpf_insn *insn)
{
	unsigned size = bpf_size_bytes(insn->code);
	const struct vreg *ptr = reg_of(v, insn->dst_reg);
	struct range got = loaded(size, false);
	int r = check_pointer(v, insn->dst_reg, ACCESS_WRITE);

	if (r == 0)
		r = check_number(v, insn->src_reg);
	if (r == 0 && insn->imm == BPF_CMPXCHG)
		r = check_number(v, BPF_REG_0);
	if (r < 0)
		return r;
	switch (ptr->type) {
	case V_STACK:
		r = check_stack_atomic(v, insn, ptr, size);
		break;
	case V_MAP_VALUE:
	case V_MEM:
		r = check_object(v, insn->dst_reg, insn->off, size, ACCESS_READ);
		if (r == 0)
			r = check_object(v, insn->dst_reg, insn->off, size, ACCESS_WRITE);
		if (r == 0 && (!tnum_is_aligned(ptr->r.bits, size) || (ptr->off + insn->off) % (int)size))
			r = refuse(v, "an atomic operation of %u bytes at r%u, which is not a multiple of %u", size,
				   insn->dst_reg, size);
		break;
	default:
		return refuse(v, "r%u is %s: no atomic operations there", insn->dst_reg, type_text(ptr));
	}
	if (r < 0 || !(insn->imm & BPF_FETCH))
		return r;
	vreg_set_scalar(reg_of(v, insn->imm == BPF_CMPXCHG ? BPF_REG_0 : insn->src_reg), &got);
	return 0;
}
