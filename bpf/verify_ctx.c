/* pure */
/*
 * verify_ctx.c: what programs of each type may read and write in their context. Facts: is_valid_access of each type in
 * kernel/trace/bpf_trace.c, kernel/bpf/syscall.c and net/core/filter.c.
 */
#include "bpf/ctx.h"
#include "bpf/verify_priv.h"

/* Bytes FROM .. TO - 1 of a context, accessed in pieces of the SIZES. */
struct field {
	uint16_t from, to;
	uint8_t sizes; /* sum of 1, 2, 4, 8 */
	uint8_t type;  /* enum vtype of what a load gives */
	bool writable;
	uint16_t place; /* xdp: the field in struct bpf_xdp_context */
	uint8_t width;	/* and its size; 0: is not rewritten */
};

#define ANY 15

static const struct field pt_regs[] = {{0, 168, ANY, V_SCALAR}};
/* The first 8 bytes of a tracepoint's record are the tracer's. 8,192: PERF_MAX_TRACE_SIZE. */
static const struct field tracepoint[] = {{8, 8192, ANY, V_SCALAR}};
static const struct field perf_event[] = {{0, 168, 8, V_SCALAR}, {168, 184, ANY, V_SCALAR}};
/* Twelve arguments: MAX_BPF_FUNC_ARGS. */
static const struct field raw_tracepoint[] = {{0, 96, ANY, V_SCALAR}};
static const struct field run_once[] = {{0, BPF_SYSCALL_CONTEXT_MAX, ANY, V_SCALAR, true}};
static const struct field xdp[] = {
	{BPF_XDP_MD_DATA, 4, 4, V_PACKET, false, offsetof(struct bpf_xdp_context, data), 8},
	{BPF_XDP_MD_DATA_END, 8, 4, V_PACKET_END, false, offsetof(struct bpf_xdp_context, data_end), 8},
	{BPF_XDP_MD_DATA_META, 12, 4, V_META, false, offsetof(struct bpf_xdp_context, data_meta), 8},
	{BPF_XDP_MD_IFINDEX, 16, 4, V_SCALAR, false, offsetof(struct bpf_xdp_context, ingress_ifindex), 4},
	{BPF_XDP_MD_QUEUE, 20, 4, V_SCALAR, false, offsetof(struct bpf_xdp_context, rx_queue_index), 4},
};
/* struct __sk_buff: len .. tc_index, cb[5], hash. Known to the verifier only: nothing here runs them. */
static const struct field socket_filter[] = {
	{0, 48, 1 | 2 | 4, V_SCALAR},
	{48, 68, ANY, V_SCALAR, true},
	{68, 72, 1 | 2 | 4, V_SCALAR},
};

static const struct field *fields_of(enum bpf_prog_type type, unsigned *ret_count)
{
#define FIELDS(table) (*ret_count = sizeof(table) / sizeof(table[0]), table)
	switch (type) {
	case BPF_PROG_TYPE_KPROBE:
		return FIELDS(pt_regs);
	case BPF_PROG_TYPE_TRACEPOINT:
		return FIELDS(tracepoint);
	case BPF_PROG_TYPE_PERF_EVENT:
		return FIELDS(perf_event);
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
		return FIELDS(raw_tracepoint);
	case BPF_PROG_TYPE_SYSCALL:
		return FIELDS(run_once);
	case BPF_PROG_TYPE_XDP:
		return FIELDS(xdp);
	case BPF_PROG_TYPE_SOCKET_FILTER:
		return FIELDS(socket_filter);
	default:
		*ret_count = 0;
		return NULL;
	}
}

bool context_known(enum bpf_prog_type type)
{
	unsigned count;

	return fields_of(type, &count) != NULL;
}

static const struct field *field_at(const struct verifier *v, int off)
{
	unsigned count;
	const struct field *field = fields_of(v->prog->type, &count);

	for (; count; count--, field++)
		if (off >= field->from && off < field->to)
			return field;
	return NULL;
}

static int check_field(struct verifier *v, unsigned number, const struct field *field, int off, unsigned size,
		       enum access access)
{
	if (!field || off + (int)size > field->to)
		return refuse(v, "r%u in [%d,%d], which programs of type %u may not access in their context", number,
			      off, off + (int)size - 1, v->prog->type);
	if (v->prog->type == BPF_PROG_TYPE_SYSCALL && (uint32_t)off + size > v->prog->ctx_size)
		return refuse(v, "r%u in [%d,%d], context is %u bytes", number, off, off + (int)size - 1,
			      v->prog->ctx_size);
	if (off % (int)size)
		return refuse(v, "r%u + %d in the context is no multiple of the access's %u bytes", number, off, size);
	if (!(field->sizes & size))
		return refuse(v, "an access of %u bytes to the context at %d, which takes other sizes", size, off);
	if (access == ACCESS_WRITE && !field->writable)
		return refuse(v, "the context at %d cannot be written", off);
	return 0;
}

int check_context(struct verifier *v, const struct bpf_insn *insn, int off, unsigned size, enum access access,
		  struct vreg *ret)
{
	unsigned number = access == ACCESS_READ ? insn->src_reg : insn->dst_reg;
	const struct vreg *ptr = reg_of(v, number);
	const struct field *field;
	int r;

	if (ptr->off)
		return refuse(v, "r%u is the context + %d: offsets belong into the access", number, ptr->off);
	field = off < 0 ? NULL : field_at(v, off);
	r = check_field(v, number, field, off, size, access);
	if (r < 0)
		return r;
	if ((uint32_t)off + size > v->context_size)
		v->context_size = (uint32_t)off + size;
	if (!ret)
		return 0;
	if (field->type == V_SCALAR) {
		vreg_set_unknown(ret);
		range_zext(&ret->r, size);
	} else {
		vreg_set_pointer(ret, (enum vtype)field->type, 0);
	}
	return 0;
}

void rewrite_context(struct verifier *v)
{
	static const uint8_t sizes[] = {[4] = BPF_W, [8] = BPF_DW};

	for (uint32_t pc = 0; pc < v->prog->insn_count; pc++) {
		struct bpf_insn *insn = &v->prog->insns[pc];
		const struct field *field;

		if (!(v->aux[pc].flags & AUX_CTX))
			continue;
		field = field_at(v, insn->off);
		if (!field || !field->width)
			continue;
		insn->code = BPF_CLASS(insn->code) | BPF_MEM | sizes[field->width];
		insn->off = (int16_t)field->place;
	}
}
