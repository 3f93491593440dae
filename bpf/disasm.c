/* pure */
/* disasm.c: see disasm.h. */
#include "bpf/disasm.h"

#include <stdbool.h>

#include "bpf/helper.h"
#include "lib/fmt.h"

static const char *const alu_text[16] = {
	"+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "=", "s>>=", "", "", ""};
static const char *const jump_text[16] = {
	"", "==", ">", ">=", "&", "!=", "s>", "s>=", "", "", "<", "<=", "s<", "s<=", "", ""};
static const char *const sizes[4] = {"u32", "u16", "u8", "u64"};
static const char *const signed_sizes[4] = {"s32", "s16", "s8", "s64"};

static const char *size_text(uint8_t code)
{
	return sizes[BPF_SIZE(code) >> 3];
}

static void alu(char *buf, size_t size, const struct bpf_insn *i)
{
	bool wide = BPF_CLASS(i->code) == BPF_ALU64;
	const char *op = alu_text[BPF_OP(i->code) >> 4];
	char r = wide ? 'r' : 'w';

	if (BPF_OP(i->code) == BPF_NEG) {
		fmt_snprintf(buf, size, "%c%u = -%c%u", r, i->dst_reg, r, i->dst_reg);
		return;
	}
	if (BPF_OP(i->code) == BPF_END) {
		fmt_snprintf(buf, size, "r%u = %s%d r%u", i->dst_reg,
			     wide			     ? "bswap"
			     : BPF_SRC(i->code) == BPF_TO_BE ? "be"
							     : "le",
			     i->imm, i->dst_reg);
		return;
	}
	if (i->off == 1 && BPF_OP(i->code) == BPF_DIV)
		op = "s/=";
	if (i->off == 1 && BPF_OP(i->code) == BPF_MOD)
		op = "s%=";
	if (!op[0])
		fmt_snprintf(buf, size, "unknown: r%u r%u %d %d", i->dst_reg, i->src_reg, i->off, i->imm);
	else if (BPF_SRC(i->code) == BPF_K)
		fmt_snprintf(buf, size, "%c%u %s %d", r, i->dst_reg, op, i->imm);
	else if (BPF_OP(i->code) == BPF_MOV && i->off)
		fmt_snprintf(buf, size, "%c%u = (s%d)%c%u", r, i->dst_reg, i->off, r, i->src_reg);
	else
		fmt_snprintf(buf, size, "%c%u %s %c%u", r, i->dst_reg, op, r, i->src_reg);
}

static const char *atomic_op(int32_t op)
{
	switch (op) {
	case BPF_ADD:
		return "add";
	case BPF_AND:
		return "and";
	case BPF_OR:
		return "or";
	case BPF_XOR:
		return "xor";
	}
	return NULL;
}

/* kernel/bpf/disasm.c has these forms. */
static void atomic(char *buf, size_t size, const struct bpf_insn *i)
{
	char r = BPF_SIZE(i->code) == BPF_DW ? 'r' : 'w';
	const char *wide = BPF_SIZE(i->code) == BPF_DW ? "64" : "", *type = size_text(i->code);
	const char *op = atomic_op(i->imm & ~BPF_FETCH);

	if (i->imm == BPF_CMPXCHG)
		fmt_snprintf(buf, size, "r0 = atomic%s_cmpxchg((%s *)(r%u %s%d), r0, r%u)", wide, type, i->dst_reg,
			     i->off < 0 ? "" : "+", i->off, i->src_reg);
	else if (i->imm == BPF_XCHG)
		fmt_snprintf(buf, size, "%c%u = atomic%s_xchg((%s *)(r%u %s%d), %c%u)", r, i->src_reg, wide, type,
			     i->dst_reg, i->off < 0 ? "" : "+", i->off, r, i->src_reg);
	else if (op && i->imm & BPF_FETCH)
		fmt_snprintf(buf, size, "%c%u = atomic%s_fetch_%s((%s *)(r%u %s%d), %c%u)", r, i->src_reg, wide, op,
			     type, i->dst_reg, i->off < 0 ? "" : "+", i->off, r, i->src_reg);
	else if (op)
		fmt_snprintf(buf, size, "lock *(%s *)(r%u %s%d) %s %c%u", type, i->dst_reg, i->off < 0 ? "" : "+",
			     i->off, alu_text[(i->imm >> 4) & 15], r, i->src_reg);
	else
		fmt_snprintf(buf, size, "unknown atomic operation 0x%x", (unsigned)i->imm);
}

static void memory(char *buf, size_t size, const struct bpf_insn *i)
{
	const char *plus = i->off < 0 ? "" : "+", *type = size_text(i->code);
	uint8_t mode = BPF_MODE(i->code);

	if (BPF_CLASS(i->code) == BPF_STX && mode == BPF_ATOMIC)
		atomic(buf, size, i);
	else if (BPF_CLASS(i->code) == BPF_STX && mode == BPF_MEM)
		fmt_snprintf(buf, size, "*(%s *)(r%u %s%d) = r%u", type, i->dst_reg, plus, i->off, i->src_reg);
	else if (BPF_CLASS(i->code) == BPF_ST && mode == BPF_MEM)
		fmt_snprintf(buf, size, "*(%s *)(r%u %s%d) = %d", type, i->dst_reg, plus, i->off, i->imm);
	else if (BPF_CLASS(i->code) == BPF_LDX && (mode == BPF_MEM || mode == BPF_MEMSX))
		fmt_snprintf(buf, size, "r%u = *(%s *)(r%u %s%d)", i->dst_reg,
			     mode == BPF_MEMSX ? signed_sizes[BPF_SIZE(i->code) >> 3] : type, i->src_reg, plus, i->off);
	else
		fmt_snprintf(buf, size, "unknown: r%u r%u %d %d", i->dst_reg, i->src_reg, i->off, i->imm);
}

static void load64(char *buf, size_t size, const struct bpf_insn *i, const struct bpf_disasm_names *names)
{
	const char *name = names && names->map ? names->map(names->ctx, (uint32_t)i->imm) : NULL;
	char number[16];

	fmt_snprintf(number, sizeof(number), "%d", i->imm);
	switch (i->src_reg) {
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_IDX:
		fmt_snprintf(buf, size, "r%u = map[%s]", i->dst_reg, name ? name : number);
		break;
	case BPF_PSEUDO_MAP_VALUE:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		fmt_snprintf(buf, size, "r%u = map[%s][0]+%u", i->dst_reg, name ? name : number, (uint32_t)i[1].imm);
		break;
	case BPF_PSEUDO_FUNC:
		fmt_snprintf(buf, size, "r%u = subprog[%s%d]", i->dst_reg, i->imm < 0 ? "" : "+", i->imm);
		break;
	default:
		fmt_snprintf(buf, size, "r%u = 0x%llx", i->dst_reg,
			     (unsigned long long)((uint64_t)(uint32_t)i[1].imm << 32 | (uint32_t)i->imm));
	}
}

static void call(char *buf, size_t size, const struct bpf_insn *i, uint32_t at, const struct bpf_disasm_names *names)
{
	const char *name;

	if (i->src_reg == BPF_PSEUDO_CALL) {
		name = names && names->function ? names->function(names->ctx, at + 1 + (uint32_t)i->imm) : NULL;
		fmt_snprintf(buf, size, name ? "call pc%s%d#%s" : "call pc%s%d", i->imm < 0 ? "" : "+", i->imm, name);
		return;
	}
	if (BPF_SRC(i->code) == BPF_X) {
		fmt_snprintf(buf, size, "callx r%u", i->dst_reg);
		return;
	}
	name = bpf_helper_name((uint32_t)i->imm);
	fmt_snprintf(buf, size, name ? "call bpf_%s#%d" : "call %s%d", name ? name : "", i->imm);
}

static void jump(char *buf, size_t size, const struct bpf_insn *i, uint32_t at, const struct bpf_disasm_names *names)
{
	const char *op = jump_text[BPF_OP(i->code) >> 4];
	char r = BPF_CLASS(i->code) == BPF_JMP ? 'r' : 'w';

	if (BPF_OP(i->code) == BPF_CALL)
		call(buf, size, i, at, names);
	else if (BPF_OP(i->code) == BPF_EXIT)
		fmt_snprintf(buf, size, "exit");
	else if (i->code == (BPF_JMP32 | BPF_JA))
		fmt_snprintf(buf, size, "gotol pc%s%d", i->imm < 0 ? "" : "+", i->imm);
	else if (BPF_OP(i->code) == BPF_JA)
		fmt_snprintf(buf, size, "goto pc%s%d", i->off < 0 ? "" : "+", i->off);
	else if (!op[0])
		fmt_snprintf(buf, size, "unknown: r%u r%u %d %d", i->dst_reg, i->src_reg, i->off, i->imm);
	else if (BPF_SRC(i->code) == BPF_X)
		fmt_snprintf(buf, size, "if %c%u %s %c%u goto pc%s%d", r, i->dst_reg, op, r, i->src_reg,
			     i->off < 0 ? "" : "+", i->off);
	else
		fmt_snprintf(buf, size, "if %c%u %s 0x%x goto pc%s%d", r, i->dst_reg, op, (unsigned)i->imm,
			     i->off < 0 ? "" : "+", i->off);
}

unsigned bpf_disasm(char *buf, size_t size, const struct bpf_insn *insns, uint32_t at, uint32_t count,
		    const struct bpf_disasm_names *names)
{
	const struct bpf_insn *i = &insns[at];
	int n = fmt_snprintf(buf, size, "(%02x) ", i->code);

	if ((size_t)n >= size)
		return 1;
	buf += n;
	size -= (size_t)n;
	if (bpf_is_lddw(i) && at + 1 < count) {
		load64(buf, size, i, names);
		return 2;
	}
	switch (BPF_CLASS(i->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		alu(buf, size, i);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		jump(buf, size, i, at, names);
		break;
	default:
		memory(buf, size, i);
	}
	return 1;
}
