/* pure */
/*
 * verify_log.c: what the verifier says: refusals, which name the instruction, the fact and the limit, and the source
 * line if there is one; and the log of states.
 */
#include "bpf/disasm.h"
#include "bpf/verify_priv.h"

#include <stdarg.h>

static const struct bpf_line *line_of(const struct bpf_prog *prog, uint32_t pc)
{
	const struct bpf_line *best = NULL;

	for (uint32_t i = 0; i < prog->line_count && prog->lines[i].insn <= pc; i++)
		best = &prog->lines[i];
	return best;
}

static const char *without_blanks(const char *text)
{
	while (text && (*text == ' ' || *text == '\t'))
		text++;
	return text;
}

int refuse_with(struct verifier *v, int error, const char *format, ...)
{
	char *text = v->refusal->text;
	size_t size = sizeof(v->refusal->text), n;
	const struct bpf_line *line = line_of(v->prog, v->pc);
	va_list args;

	v->refusal->insn = v->pc;
	fmt_snprintf(text, size, "insn %u: ", v->pc);
	n = strlen(text);
	va_start(args, format);
	fmt_vsnprintf(text + n, size - n, format, args);
	va_end(args);
	n = strlen(text);
	if (line && line->text)
		fmt_snprintf(text + n, size - n, " (%s:%u: %s)", line->file ? line->file : "?", line->line,
			     without_blanks(line->text));
	else if (line)
		fmt_snprintf(text + n, size - n, " (%s:%u)", line->file ? line->file : "?", line->line);
	log_text(v, "%s\n", text);
	return error;
}

int refuse(struct verifier *v, const char *format, ...)
{
	/* Twice through a buffer costs a copy once in a program's life. */
	char *text = v->text;
	va_list args;

	va_start(args, format);
	fmt_vsnprintf(text, sizeof(v->text), format, args);
	va_end(args);
	return refuse_with(v, -EACCES, "%s", text);
}

const char *type_text(const struct vreg *reg)
{
	static const char *const names[] = {
		[V_UNINIT] = "not initialised",
		[V_SCALAR] = "a number",
		[V_CTX] = "the context",
		[V_MAP] = "a map",
		[V_MAP_VALUE] = "a map value",
		[V_MAP_KEY] = "a map key",
		[V_STACK] = "a stack pointer",
		[V_PACKET] = "a packet pointer",
		[V_META] = "a packet metadata pointer",
		[V_PACKET_END] = "the packet's end",
		[V_MEM] = "a memory pointer",
		[V_FUNC] = "a function",
	};

	if (reg->flags & V_OR_NULL)
		return reg->type == V_MAP   ? "a map or null"
		       : reg->type == V_MEM ? "memory or null"
					    : "a map value or null";
	return names[reg->type];
}

const char *range_text(const struct range *r, char *buf)
{
	if (range_is_const(r))
		fmt_snprintf(buf, RANGE_TEXT, "%lld", (long long)r->umin);
	else if (r->smin < 0 && r->umax > INT64_MAX)
		fmt_snprintf(buf, RANGE_TEXT, "[%lld,%lld]", (long long)r->smin, (long long)r->smax);
	else
		fmt_snprintf(buf, RANGE_TEXT, "[%llu,%llu]", (unsigned long long)r->umin, (unsigned long long)r->umax);
	return buf;
}

static void sink(void *ctx, const char *text, size_t n)
{
	struct verifier *v = ctx;

	v->options->log(v->options->log_ctx, text, n);
}

void log_text(struct verifier *v, const char *format, ...)
{
	va_list args;

	if (!v->options->log)
		return;
	va_start(args, format);
	fmt_vprintf(sink, v, format, args);
	va_end(args);
}

static void log_reg(struct verifier *v, const struct vreg *reg)
{
	static const char *const names[] = {
		[V_UNINIT] = "?",	 [V_SCALAR] = "",	 [V_CTX] = "ctx",  [V_MAP] = "map",
		[V_MAP_VALUE] = "value", [V_MAP_KEY] = "key",	 [V_STACK] = "fp", [V_PACKET] = "pkt",
		[V_META] = "meta",	 [V_PACKET_END] = "end", [V_MEM] = "mem",  [V_FUNC] = "func",
	};
	char text[RANGE_TEXT];

	log_text(v, "%s%s", names[reg->type], reg->flags & V_OR_NULL ? "_or_null" : "");
	if (reg->type == V_SCALAR) {
		if (reg->r.bits.mask == UINT64_MAX && reg->r.smin == INT64_MIN && reg->r.umax == UINT64_MAX)
			log_text(v, "any");
		else
			log_text(v, "%s", range_text(&reg->r, text));
		if (!range_is_const(&reg->r) && reg->r.bits.mask != UINT64_MAX)
			log_text(v, "{%llx;%llx}", (unsigned long long)reg->r.bits.value,
				 (unsigned long long)reg->r.bits.mask);
	} else {
		if (reg->type == V_STACK)
			log_text(v, "[%u]", reg->frame);
		else if (reg->type != V_CTX && reg->type != V_PACKET_END)
			log_text(v, "(%u)", reg->what);
		if (reg->off)
			log_text(v, "%s%d", reg->off > 0 ? "+" : "", reg->off);
		if (!range_is_const(&reg->r) || reg->r.umin)
			log_text(v, "+%s", range_text(&reg->r, text));
		if (reg->ref)
			log_text(v, " ref %u", reg->ref);
	}
	if (reg->id)
		log_text(v, " id %u", reg->id);
}

static void log_slot(struct verifier *v, const struct vslot *slot, unsigned i)
{
	static const char letters[] = {[B_INVALID] = '?', [B_MISC] = 'm', [B_ZERO] = '0', [B_SPILL] = 'r'};
	char bytes[SLOT_BYTES + 1] = "";

	for (unsigned b = 0; b < SLOT_BYTES; b++)
		bytes[b] = letters[slot->byte[b]];
	if (strcmp(bytes, "????????") == 0)
		return;
	log_text(v, " fp-%u=", (i + 1) * SLOT_BYTES);
	if (slot->byte[0] == B_SPILL)
		log_reg(v, &slot->reg);
	if (slot->byte[SLOT_BYTES - 1] != B_SPILL)
		log_text(v, ":%s", bytes);
}

void log_state(struct verifier *v)
{
	const struct vframe *frame = top(v);
	char insn[96];

	if (!v->options->log)
		return;
	bpf_disasm(insn, sizeof(insn), v->prog->insns, v->pc, v->prog->insn_count, NULL);
	log_text(v, "%u: %s;", v->pc, insn);
	if (v->state.frames > 1)
		log_text(v, " frame %u:", v->state.frames - 1);
	for (unsigned i = 0; i < BPF_REG_10; i++)
		if (frame->reg[i].type != V_UNINIT) {
			log_text(v, " r%u=", i);
			log_reg(v, &frame->reg[i]);
		}
	for (unsigned i = 0; i < frame->slots; i++)
		log_slot(v, &frame->slot[i], i);
	for (unsigned i = 0; i < v->state.refs; i++)
		log_text(v, " ref %u from insn %u", v->state.ref[i].id, v->state.ref[i].insn);
	log_text(v, "\n");
}
