/* unwind.c: see unwind.h. Runs where programs run: in the middle of the kernel, on any stack, which may be garbage. */
#include "trace/unwind.h"

#include "bpf/stack_trace.h"
#include "kernel/entry.h"
#include "lib/sha256.h"
#include "lib/unwind_table.h"
#include "overlay/part.h"
#include "trace/area.h"
#include "trace/peek.h"
#include "trace/returns.h"
#include "trace/site.h"
#include "trace/run.h"

#define SCAN_WORDS 64 /* of a frame of which nothing is known */
#define STEPS_MAX  (BPF_MAX_STACK_DEPTH + BPF_F_SKIP_FIELD_MASK)

extern const char __text_start[], __text_end[], __ktext_start[], __ktext_end[], __part_text_end[], probe_return[];

static struct {
	void *bytes;
	size_t size;
	uint8_t sha256[SHA256_SIZE];
	struct unwind_table t;
} table;

struct cursor {
	uint64_t rip;
	uint64_t reg[UNWIND_REGISTERS];
	uint32_t known; /* registers whose value is this frame's */
	bool called;	/* rip is a return address */
};

void unwind_drop(void)
{
	area_free(table.bytes, table.size);
	memset(&table, 0, sizeof(table));
}

bool unwind_has(const uint8_t sha256[SHA256_SIZE])
{
	return table.bytes && memcmp(table.sha256, sha256, SHA256_SIZE) == 0;
}

int unwind_load(struct vnode *v, const uint8_t sha256[SHA256_SIZE])
{
	struct unwind_table t;
	struct vattr a;
	struct file *f;
	kssize_t n;
	void *bytes;
	int r = vfs_getattr(v, &a);

	if (r == 0 && (a.size == 0 || a.size > UNWIND_SIZE_MAX))
		r = -EBADMSG;
	if (r == 0)
		r = area_alloc(a.size, &bytes);
	if (r < 0)
		return r;
	r = vfs_open_vnode(v, O_RDONLY, &f);
	if (r == 0) {
		n = file_read_kernel(f, bytes, a.size, 0);
		file_put(f);
		r = n == (kssize_t)a.size ? unwind_table_open(bytes, a.size, &t) : -EIO;
	}
	if (r < 0) {
		area_free(bytes, a.size);
		return r;
	}
	unwind_drop();
	table.bytes = bytes;
	table.size = a.size;
	table.t = t;
	memcpy(table.sha256, sha256, SHA256_SIZE);
	return 0;
}

static bool in_code(uint64_t at)
{
	return (at >= (uint64_t)__text_start && at < (uint64_t)__text_end) ||
	       (at >= PART_BASE && at < (uint64_t)__part_text_end);
}

static bool in_kernel(uint64_t at)
{
	return (at >= (uint64_t)__ktext_start && at < (uint64_t)__ktext_end) || at >= PART_BASE;
}

/* True if the instruction before is a call: E8 with 32 bits, or FF /2 with what its ModRM byte asks for (SDM vol. 2A,
 * CALL and table 2-2). */
static bool is_behind_call(uint64_t at)
{
	uint8_t b[7];

	if (!in_code(at) || !in_code(at - sizeof(b)) || peek(b, at - sizeof(b), sizeof(b)) < 0)
		return false;
	if (b[2] == 0xe8)
		return true;
	for (unsigned length = 2; length <= 7; length++) {
		uint8_t modrm = b[sizeof(b) - length + 1], mod = modrm >> 6, rm = modrm & 7;
		unsigned need = 2 + (mod != 3 && rm == 4) + (mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 5) ? 4 : 0);

		if (b[sizeof(b) - length] == 0xff && (modrm >> 3 & 7) == 2 && need == length)
			return true;
	}
	return false;
}

/* What is really returned to: a probed return's place has our address; and what was interrupted may be done elsewhere.
 */
static bool read_return(uint64_t slot, bool trap, uint64_t *ret)
{
	if (peek(ret, slot, 8) < 0)
		return false;
	if (*ret == (uint64_t)probe_return)
		*ret = returns_real(slot);
	else if (trap)
		*ret = site_real_ip(*ret);
	return in_code(*ret);
}

static void leave_to(struct cursor *c, uint64_t rip, uint64_t rsp, bool rbp_known)
{
	c->rip = rip;
	c->reg[UNWIND_RSP] = rsp;
	c->known = 1u << UNWIND_RSP | (rbp_known ? 1u << UNWIND_RBP : 0);
	c->called = true;
}

/* Nothing is known of this frame: the next word that can be a return address is taken for one. */
static bool scan(struct cursor *c)
{
	uint64_t slot = (c->reg[UNWIND_RSP] + 7) & ~7UL, rip;

	for (unsigned i = 0; i < SCAN_WORDS; i++, slot += 8) {
		if (peek(&rip, slot, 8) < 0)
			return false;
		if (rip == (uint64_t)probe_return)
			rip = returns_real(slot);
		if (!is_behind_call(rip))
			continue;
		leave_to(c, rip, slot + 8, c->known & 1u << UNWIND_RBP);
		return true;
	}
	return false;
}

static bool step(struct cursor *c)
{
	const struct unwind_rule *rule = NULL;
	uint64_t base, rsp = c->reg[UNWIND_RSP], rbp = c->reg[UNWIND_RBP], cfa, rip, value;
	bool rbp_known = c->known & 1u << UNWIND_RBP;

	if (table.bytes)
		rule = unwind_table_find(&table.t, c->rip - c->called);
	if (!rule || rule->kind == UNWIND_UNKNOWN || !(c->known >> rule->reg & 1))
		return scan(c);
	if (rule->kind == UNWIND_END)
		return false;
	base = c->reg[rule->reg] + (uint64_t)(int64_t)rule->offset;
	cfa = base;
	if (rule->kind == UNWIND_CFA_DEREF) {
		if (peek(&cfa, base, 8) < 0)
			return false;
		cfa += (uint64_t)(int64_t)rule->add;
	}
	/* Frames lie one above the other; a wrong table or a changed stack can lead anywhere: STEPS_MAX ends that. */
	if (cfa <= rsp || cfa & 7 || !read_return(cfa + (uint64_t)(int64_t)rule->ra_at, rule->rsp_at, &rip))
		return false;
	if (rule->rbp == UNWIND_RBP_AT_CFA)
		value = cfa + (uint64_t)(int64_t)rule->rbp_at;
	else
		value = rbp + (uint64_t)(int64_t)rule->rbp_at;
	if (rule->rbp != UNWIND_RBP_SAME) {
		rbp_known = (rule->rbp == UNWIND_RBP_AT_CFA || rbp_known) && peek(&rbp, value, 8) == 0;
		c->reg[UNWIND_RBP] = rbp;
	}
	if (rule->rsp_at && peek(&cfa, cfa + (uint64_t)(int64_t)rule->rsp_at, 8) < 0)
		return false;
	leave_to(c, rip, cfa, rbp_known);
	c->called = !rule->rsp_at;
	return true;
}

static void start(struct cursor *c, const struct bpf_pt_regs *regs)
{
	*c = (struct cursor){
		.rip = site_real_ip(regs->rip),
		.reg = {regs->rax, regs->rdx, regs->rcx, regs->rbx, regs->rsi, regs->rdi, regs->rbp, regs->rsp,
			regs->r8, regs->r9, regs->r10, regs->r11, regs->r12, regs->r13, regs->r14, regs->r15},
		.known = 0xffff,
	};
}

uint32_t unwind(const struct bpf_pt_regs *regs, enum unwind_from from, uint32_t skip, uint64_t *ips, uint32_t max)
{
	const struct thread *t = trace_thread();
	uint32_t n = 0, left = STEPS_MAX;
	/* Where a program in ring 3 is: its stack is its own business. */
	uint64_t program = regs->cs & 3 ? regs->rip : t && t->user_frame ? t->user_frame->rip : 0;
	struct cursor c;

	start(&c, regs);
	if (!(regs->cs & 3) && (from == UNWIND_ALL || !program)) {
		do {
			if (from == UNWIND_APPLICATION && in_kernel(c.rip))
				continue;
			from = UNWIND_ALL;
			if (skip)
				skip--;
			else
				ips[n++] = c.rip;
		} while (n < max && --left && step(&c));
	}
	if (program && n < max && !skip)
		ips[n++] = program;
	return n;
}
