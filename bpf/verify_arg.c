/* pure */
/*
 * verify_arg.c: a helper's arguments against its signature. Memory that a helper fills is only noted here: it may be
 * among what another argument reads.
 */
#include "bpf/verify_arg.h"

#define SIZE_MAX_BITS 29

static int refuse_type(struct verifier *v, const struct vargs *a, unsigned n, const char *wanted)
{
	return refuse(v, "r%u is %s, argument %u of %s is %s", n, type_text(reg_of(v, n)), n, a->proto->name, wanted);
}

/* Arguments that are an address for the helper to read with care, which a program may have from anywhere. */
static bool takes_any_address(const struct bpf_helper_proto *proto, unsigned n)
{
	switch (proto->number) {
	case BPF_FUNC_probe_read:
	case BPF_FUNC_probe_read_str:
	case BPF_FUNC_probe_read_user:
	case BPF_FUNC_probe_read_user_str:
	case BPF_FUNC_probe_read_kernel:
	case BPF_FUNC_probe_read_kernel_str:
		return n == 3;
	default:
		return false;
	}
}

/* SIZE bytes at register N: read, or written (FILLS: all of them, whatever was there before). */
static int check_memory(struct verifier *v, struct vargs *a, unsigned n, uint32_t size, enum access access, bool fills)
{
	const struct vreg *reg = reg_of(v, n);

	if (reg->flags & V_OR_NULL)
		return refuse(v, "r%u is %s: compare it with 0 first", n, type_text(reg));
	switch (reg->type) {
	case V_STACK:
		if (access == ACCESS_WRITE && fills) {
			if (a->write_reg)
				return refuse(v, "%s fills two pieces of memory", a->proto->name);
			a->write_reg = (uint8_t)n;
			a->write_size = size;
			return 0;
		}
		return check_stack_helper(v, n, size, false);
	case V_MAP_VALUE:
	case V_MAP_KEY:
	case V_MEM:
	case V_PACKET:
	case V_META:
		return check_object(v, n, 0, size, access);
	default:
		return refuse_type(v, a, n, "memory");
	}
}

static bool fills(enum bpf_arg_type type)
{
	return type == ARG_PTR_TO_UNINIT_MEM || type == ARG_PTR_TO_UNINIT_MAP_VALUE || type == ARG_PTR_TO_LONG;
}

/* A size; the memory it measures is the argument before. */
static int check_size(struct verifier *v, struct vargs *a, unsigned n, bool zero_ok)
{
	const struct vreg *size = reg_of(v, n), *memory = reg_of(v, n - 1);
	enum bpf_arg_type type = a->proto->arg[n - 2];
	char text[RANGE_TEXT];

	if (size->type != V_SCALAR)
		return refuse_type(v, a, n, "a size");
	need_registers(v, v->pc, 1u << n);
	if (size->r.smin < 0 || size->r.umax >> SIZE_MAX_BITS)
		return refuse(v, "r%u in %s, argument %u of %s is a size below %u", n, range_text(&size->r, text), n,
			      a->proto->name, 1u << SIZE_MAX_BITS);
	if (!zero_ok && size->r.umin == 0)
		return refuse(v, "r%u in %s, argument %u of %s is a size of at least 1", n, range_text(&size->r, text),
			      n, a->proto->name);
	a->size_max = (uint32_t)size->r.umax;
	if (memory->type == V_SCALAR && type == ARG_PTR_TO_MEM_OR_NULL && vreg_is_null(memory)) {
		need_registers(v, v->pc, 1u << (n - 1));
		if (size->r.umax)
			return refuse(v, "r%u is null, r%u in %s: only a size of 0 goes with null", n - 1, n,
				      range_text(&size->r, text));
		return 0;
	}
	/* Of a size that is not known, the helper may fill less: what it leaves must be initialised. */
	return check_memory(v, a, n - 1, a->size_max, fills(type) ? ACCESS_WRITE : ACCESS_READ,
			    fills(type) && range_is_const(&size->r));
}

static int check_map(struct verifier *v, struct vargs *a, unsigned n)
{
	const struct vreg *reg = reg_of(v, n);

	if (reg->type != V_MAP || reg->flags)
		return refuse_type(v, a, n, "a map");
	a->map = map_of(v, reg->what);
	a->map_number = reg->what;
	return 0;
}

static int check_map_memory(struct verifier *v, struct vargs *a, unsigned n, uint32_t size, bool is_written)
{
	/* The table of helpers has the map before. */
	return check_memory(v, a, n, size, is_written ? ACCESS_WRITE : ACCESS_READ, is_written);
}

static int check_released(struct verifier *v, struct vargs *a, unsigned n)
{
	const struct vreg *reg = reg_of(v, n);

	if (reg->type != V_MEM || !reg->ref)
		return refuse_type(v, a, n, "memory that was reserved");
	if (reg->flags & V_OR_NULL)
		return refuse(v, "r%u is %s: compare it with 0 first", n, type_text(reg));
	if (reg->off || !range_is_const(&reg->r) || reg->r.umin)
		return refuse(v, "r%u is not the start of the memory that was reserved", n);
	a->release = reg->ref;
	return 0;
}

static int check_string(struct verifier *v, struct vargs *a, unsigned n)
{
	const struct vreg *reg = reg_of(v, n);
	const struct bpf_map *map;
	const uint8_t *bytes;
	int64_t from;

	if (reg->type != V_MAP_VALUE || (reg->flags & V_OR_NULL))
		return refuse_type(v, a, n, "a constant string");
	map = map_of(v, reg->what);
	bytes = constant_value(map);
	if (!bytes)
		return refuse(v, "r%u is in a map that may change, argument %u of %s is a constant string", n, n,
			      a->proto->name);
	if (!range_is_const(&reg->r))
		return refuse(v, "r%u has no constant offset, argument %u of %s is a constant string", n, n,
			      a->proto->name);
	from = reg->off + reg->r.smin;
	for (int64_t i = from; i >= 0 && i < map->value_size; i++)
		if (!bytes[i])
			return 0;
	return refuse(v, "r%u in [%lld], the string does not end within %u bytes", n, (long long)from, map->value_size);
}

static int check_callback_data(struct verifier *v, struct vargs *a, unsigned n)
{
	const struct vreg *reg = reg_of(v, n);

	if (reg->type == V_STACK)
		return 0;
	need_registers(v, v->pc, 1u << n);
	return vreg_is_null(reg) ? 0 : refuse_type(v, a, n, "a stack pointer or null");
}

static int check_alloc_size(struct verifier *v, struct vargs *a, unsigned n)
{
	const struct vreg *reg = reg_of(v, n);
	char text[RANGE_TEXT];

	if (reg->type != V_SCALAR)
		return refuse_type(v, a, n, "a constant size");
	need_registers(v, v->pc, 1u << n);
	if (!range_is_const(&reg->r) || reg->r.umin >> SIZE_MAX_BITS)
		return refuse(v, "r%u in %s, argument %u of %s is a constant size", n, range_text(&reg->r, text), n,
			      a->proto->name);
	a->alloc_size = (uint32_t)reg->r.umin;
	return 0;
}

static int check_context_arg(struct verifier *v, struct vargs *a, unsigned n)
{
	const struct vreg *reg = reg_of(v, n);

	if (reg->type != V_CTX)
		return refuse_type(v, a, n, "the context");
	if (reg->off)
		return refuse(v, "r%u is the context + %d, argument %u of %s is the context itself", n, reg->off, n,
			      a->proto->name);
	return 0;
}

static int check_arg(struct verifier *v, struct vargs *a, unsigned n)
{
	enum bpf_arg_type type = a->proto->arg[n - 1];
	const struct vreg *reg = reg_of(v, n);
	int r;

	if (type == ARG_DONTCARE)
		return 0;
	if (a->proto->number == BPF_FUNC_trace_printk && n >= 3)
		return check_printed(v, n);
	r = check_readable(v, n);
	if (r < 0)
		return r;
	if ((type == ARG_PTR_TO_MAP_KEY || type == ARG_PTR_TO_MAP_VALUE || type == ARG_PTR_TO_UNINIT_MAP_VALUE) &&
	    !a->map)
		return refuse(v, "%s names no map before argument %u", a->proto->name, n);
	switch (type) {
	case ARG_ANYTHING:
		if (vreg_is_pointer(reg) && !takes_any_address(a->proto, n))
			return refuse(v, "r%u is %s: its address would leave the program through %s", n, type_text(reg),
				      a->proto->name);
		return 0;
	case ARG_CONST_MAP_PTR:
		return check_map(v, a, n);
	case ARG_PTR_TO_MAP_KEY:
		return check_map_memory(v, a, n, a->map->key_size, false);
	case ARG_PTR_TO_MAP_VALUE:
		return check_map_memory(v, a, n, a->map->value_size, false);
	case ARG_PTR_TO_UNINIT_MAP_VALUE:
		return check_map_memory(v, a, n, a->map->value_size, true);
	case ARG_PTR_TO_MEM:
	case ARG_PTR_TO_MEM_OR_NULL:
	case ARG_PTR_TO_UNINIT_MEM:
		/* With the size, the next argument. */
		if (!vreg_is_pointer(reg) && !(type == ARG_PTR_TO_MEM_OR_NULL && vreg_is_null(reg)))
			return refuse_type(v, a, n, "memory");
		return 0;
	case ARG_CONST_SIZE:
		return check_size(v, a, n, false);
	case ARG_CONST_SIZE_OR_ZERO:
		return check_size(v, a, n, true);
	case ARG_CONST_ALLOC_SIZE_OR_ZERO:
		return check_alloc_size(v, a, n);
	case ARG_PTR_TO_CTX_OR_NULL:
		if (vreg_is_null(reg)) {
			need_registers(v, v->pc, 1u << n);
			return 0;
		}
		return check_context_arg(v, a, n);
	case ARG_PTR_TO_CTX:
		return check_context_arg(v, a, n);
	case ARG_PTR_TO_STACK_OR_NULL:
		return check_callback_data(v, a, n);
	case ARG_PTR_TO_FUNC:
		if (reg->type != V_FUNC)
			return refuse_type(v, a, n, "a function of the program");
		a->function = reg->what;
		return 0;
	case ARG_PTR_TO_ALLOC_MEM:
		return check_released(v, a, n);
	case ARG_PTR_TO_CONST_STR:
		return check_string(v, a, n);
	case ARG_PTR_TO_LONG:
		if (reg->type == V_STACK && (!range_is_const(&reg->r) || (reg->off + (int)reg->r.smin) % 8))
			return refuse(v, "r%u on the stack is no multiple of 8", n);
		return check_memory(v, a, n, 8, ACCESS_WRITE, true);
	default:
		return refuse(v, "argument %u of %s is of a kind that the verifier does not know", n, a->proto->name);
	}
}

int check_args(struct verifier *v, struct vargs *a)
{
	for (unsigned n = 1; n <= 5; n++) {
		int r = check_arg(v, a, n);

		if (r < 0)
			return r;
	}
	return 0;
}
