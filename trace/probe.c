/* probe.c: see probe.h. A site is an address with a breakpoint, once made never freed: a thread may be interrupted in
 * the moved instruction. Its hooks are programs; without any its breakpoint is taken out. */
#include "trace/probe.h"

#include "bpf/ctx.h"
#include "arch/x86_64/asm.h"
#include "kernel/kmem.h"
#include "kernel/usercopy.h"
#include "lib/fmt.h"
#include "overlay/part.h"
#include "trace/area.h"
#include "trace/gate.h"
#include "trace/insn.h"
#include "trace/switch.h"

#define BUCKETS	 256
#define RETURNS	 1024 /* calls under way whose return is probed */
#define INT3	 0xcc
#define NAME_MAX 48

struct site {
	struct list node; /* in its bucket */
	uint64_t at;
	uint64_t moved; /* where its instruction is done */
	uint8_t first;	/* the byte under the breakpoint */
	struct list entry_hooks, return_hooks;
};

struct hook {
	struct list site_node, prog_node;
	struct site *site;
	struct trace_prog *prog;
	uint64_t function;
	int syscall; /* a PROBE_... of probe.h, or the call's number */
	bool at_return;
	char name[NAME_MAX];
};

/* A call whose return address is ours meanwhile. */
struct returning {
	struct list node; /* in its bucket by slot, newest first; or free */
	uint64_t slot;	  /* where the return address lies */
	uint64_t back;	  /* what it was */
	struct site *site;
};

static struct list sites[BUCKETS], returns[BUCKETS], returns_free;
static struct returning return_pool[RETURNS];

extern uint64_t *probe_ist, *probe_ist_fault, probe_old_entry;
extern char probe_entry[], probe_return[], probe_stack_top[];
extern char __text_start[], __text_end[], trap_stubs[], arch_switch[];

static struct list *bucket(struct list *table, uint64_t key)
{
	return &table[(key * 0x9e3779b97f4a7c15ULL) >> 56];
}
_Static_assert(BUCKETS == 256, "the key's upper 8 bits");

static struct site *find(uint64_t at)
{
	struct site *s;

	list_for_each (s, bucket(sites, at), node)
		if (s->at == at)
			return s;
	return NULL;
}

/* events/syscalls/sys_enter_NAME/format and sys_exit_NAME/format of Linux's tracefs. */
struct sys_enter {
	uint64_t common;
	int64_t nr;
	uint64_t args[6];
};
struct sys_exit {
	uint64_t common;
	int64_t nr;
	int64_t ret;
};

static void run_hook(struct hook *h, struct bpf_pt_regs *regs)
{
	if (h->syscall == PROBE_REGISTERS) {
		trace_run(h->prog, regs, h->function);
	} else if (h->syscall < PROBE_REGISTERS) {
		switch_hit(h->prog, h->syscall, regs);
	} else if (h->at_return) {
		struct sys_exit record = {0, h->syscall, (int64_t)regs->rax};

		trace_run(h->prog, &record, h->function);
	} else {
		/* The direct call is a C function. */
		struct sys_enter record = {
			0, h->syscall, {regs->rdi, regs->rsi, regs->rdx, regs->rcx, regs->r8, regs->r9}};

		trace_run(h->prog, &record, h->function);
	}
}

static void run_hooks(struct list *hooks, struct bpf_pt_regs *regs)
{
	struct hook *h;

	trace_regs = regs;
	list_for_each (h, hooks, site_node)
		run_hook(h, regs);
	trace_regs = NULL;
}

static void miss_hooks(struct list *hooks)
{
	struct hook *h;

	list_for_each (h, hooks, site_node)
		h->prog->misses++;
}

/* The function's first instruction is next: the return address is on top of the stack. */
static void divert_return(struct site *s, struct bpf_pt_regs *regs)
{
	struct list *b = bucket(returns, regs->rsp);
	uint64_t *slot = (uint64_t *)regs->rsp;
	struct returning *r, *next;

	/* A call that never returned (longjmp, a thread's end) left its entry behind; a jump from one probed function
	 * into another did not. */
	if (*slot != (uint64_t)probe_return)
		list_for_each_safe (r, next, b, node)
			if (r->slot == regs->rsp) {
				list_del(&r->node);
				list_add_head(&returns_free, &r->node);
			}
	r = list_first(&returns_free, struct returning, node);
	if (!r) {
		miss_hooks(&s->return_hooks);
		return;
	}
	list_del(&r->node);
	r->slot = regs->rsp;
	r->back = *slot;
	r->site = s;
	list_add_head(b, &r->node);
	*slot = (uint64_t)probe_return;
}

static bool returned(struct bpf_pt_regs *regs)
{
	uint64_t slot = regs->rsp - 8;
	struct returning *r;

	list_for_each (r, bucket(returns, slot), node) {
		if (r->slot != slot)
			continue;
		list_del(&r->node);
		regs->rip = r->back;
		if (trace_running)
			miss_hooks(&r->site->return_hooks);
		else
			run_hooks(&r->site->return_hooks, regs);
		list_add_head(&returns_free, &r->node);
		return true;
	}
	return false;
}

uint64_t probe_real_return(uint64_t slot)
{
	struct returning *r;

	list_for_each (r, bucket(returns, slot), node)
		if (r->slot == slot)
			return r->back;
	return 0;
}

static uint64_t read_cr2_(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

/* From probe_entry.S: true if the breakpoint is a probe's. The fault handler that this may interrupt has not read CR2
 * yet. */
bool probe_hit(struct bpf_pt_regs *regs);
bool probe_hit(struct bpf_pt_regs *regs)
{
	uint64_t cr2 = read_cr2_();
	struct site *s;
	bool ours;

	regs->rip--;
	if (regs->rip == (uint64_t)probe_return) {
		ours = returned(regs);
	} else {
		s = find(regs->rip);
		ours = s != NULL;
		if (s && trace_running) {
			miss_hooks(&s->entry_hooks);
			miss_hooks(&s->return_hooks);
		} else if (s) {
			run_hooks(&s->entry_hooks, regs);
			if (!list_empty(&s->return_hooks))
				divert_return(s, regs);
		}
		if (s)
			regs->rip = s->moved;
	}
	if (!ours)
		regs->rip++;
	__asm__ volatile("mov %0, %%cr2" ::"r"(cr2));
	return ours;
}

/* Rare: an interrupt's address. */
uint64_t probe_real_ip(uint64_t ip)
{
	struct site *s;

	if (ip < PART_AREA || ip >= PART_END)
		return ip;
	for (unsigned i = 0; i < BUCKETS; i++)
		list_for_each (s, &sites[i], node)
			if (ip - s->moved < INSN_MOVED_MAX)
				return s->at;
	return ip;
}

/* Moved instructions lie in pages of their own, filled one after another. */
static int moved_place(uint64_t *ret)
{
	static uint64_t page, used = PAGE_SIZE;
	void *p;
	int r;

	if (used + INSN_MOVED_MAX > PAGE_SIZE) {
		r = area_alloc(PAGE_SIZE, &p);
		if (r == 0)
			r = area_make_exec(p, PAGE_SIZE);
		if (r < 0)
			return r;
		page = (uint64_t)p;
		used = 0;
	}
	*ret = page + used;
	used += INSN_MOVED_MAX;
	return 0;
}

size_t probe_original(uint64_t at, uint8_t *code, size_t size)
{
	struct site *s;

	size = MIN(size, (uint64_t)__text_end - at);
	memcpy(code, (const void *)at, size);
	for (size_t i = 0; i < size; i++)
		if ((s = find(at + i)))
			code[i] = s->first;
	return size;
}

/* True if an instruction of the function starts at the offset. */
static bool is_boundary(uint64_t function, uint32_t offset)
{
	uint8_t code[16];

	for (uint32_t i = 0; i < offset;) {
		size_t n = probe_original(function + i, code, sizeof(code));
		int length = insn_length(code, n);

		if (length < 0)
			return false;
		i += (uint32_t)length;
		if (i == offset)
			return true;
	}
	return offset == 0;
}

static int site_make(uint64_t at, struct site **ret)
{
	uint8_t code[16], moved[INSN_MOVED_MAX];
	struct site *s = find(at);
	uint64_t place;
	size_t n;
	int r;

	*ret = s;
	if (s)
		return 0;
	n = probe_original(at, code, sizeof(code));
	/* The application's own breakpoint stays its own; a fault at the instruction is expected where it stands; and
	 * in the entries from ring 3 the kernel has not got its rights yet. */
	if (code[0] == INT3 || ex_table_lookup(at) || (at >= (uint64_t)trap_stubs && at < (uint64_t)arch_switch))
		return -EPERM;
	r = insn_move(code, n, at, PAGE_SIZE, moved);
	if (r < 0)
		return r;
	s = kzalloc(sizeof(*s));
	r = s ? moved_place(&place) : -ENOMEM;
	if (r == 0)
		r = insn_move(code, n, at, place, moved);
	if (r > 0)
		r = text_poke(place, moved, (size_t)r);
	if (r < 0) {
		kfree(s);
		return r;
	}
	s->at = at;
	s->moved = place;
	s->first = code[0];
	list_init(&s->entry_hooks);
	list_init(&s->return_hooks);
	list_add_head(bucket(sites, at), &s->node);
	*ret = s;
	return 0;
}

static bool in_use(const struct site *s)
{
	return !list_empty(&s->entry_hooks) || !list_empty(&s->return_hooks);
}

static int arm(struct site *s, bool on)
{
	uint8_t byte = on ? INT3 : s->first;

	return *(volatile uint8_t *)s->at == byte ? 0 : text_poke(s->at, &byte, 1);
}

int probe_attach(struct trace_prog *p, uint64_t function, uint32_t offset, bool at_return, int syscall,
		 const char *name)
{
	uint64_t at = function + offset, end = (uint64_t)__text_end;
	struct hook *h;
	struct site *s;
	int r;

	if (function < (uint64_t)__text_start || function >= end || offset >= end - function || (at_return && offset) ||
	    !is_boundary(function, offset))
		return -EINVAL;
	list_for_each (h, &p->hooks, prog_node)
		if (h->site->at == at && h->at_return == at_return)
			return -EEXIST;
	if (syscall >= 0 &&
	    p->verified.context_size > (at_return ? sizeof(struct sys_exit) : sizeof(struct sys_enter)))
		return -EACCES;
	h = kzalloc(sizeof(*h));
	r = h ? site_make(at, &s) : -ENOMEM;
	if (r < 0) {
		kfree(h);
		return r;
	}
	h->site = s;
	h->prog = p;
	h->function = function;
	h->at_return = at_return;
	h->syscall = syscall;
	if (!offset)
		fmt_snprintf(h->name, sizeof(h->name), "%.38s%s", name, at_return ? "%return" : "");
	else
		fmt_snprintf(h->name, sizeof(h->name), "%.38s+0x%x", name, offset);
	list_add_tail(at_return ? &s->return_hooks : &s->entry_hooks, &h->site_node);
	list_add_tail(&p->hooks, &h->prog_node);
	r = arm(s, true);
	if (r < 0) {
		list_del(&h->site_node);
		list_del(&h->prog_node);
		kfree(h);
	}
	return r;
}

void probe_detach_all(struct trace_prog *p)
{
	struct hook *h;

	while ((h = list_first(&p->hooks, struct hook, prog_node))) {
		list_del(&h->prog_node);
		list_del(&h->site_node);
		if (!in_use(h->site))
			arm(h->site, false);
		kfree(h);
	}
}

bool probe_list(const struct trace_prog *p, char *buf, size_t size)
{
	struct hook *h;
	size_t n = 0;

	buf[0] = '\0';
	list_for_each (h, &p->hooks, prog_node) {
		size_t len = strlen(h->name);

		if (n + len + 5 > size) {
			fmt_snprintf(buf + n, size - n, " ...");
			return false;
		}
		n += (size_t)fmt_snprintf(buf + n, size - n, "%s%s", n ? " " : "", h->name);
	}
	return true;
}

/* SDM vol. 3A 8.7 (the 64-bit TSS: IST1 at offset 36), figure 8-4 (its descriptor). */
struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};
#define IST_PROBE	  4
#define VECTOR_BREAKPOINT 3

int probe_init(void)
{
	uint64_t entry = (uint64_t)probe_entry, tss;
	struct table gdt;

	for (unsigned i = 0; i < BUCKETS; i++) {
		list_init(&sites[i]);
		list_init(&returns[i]);
	}
	list_init(&returns_free);
	for (unsigned i = 0; i < RETURNS; i++)
		list_add_tail(&returns_free, &return_pool[i].node);

	__asm__ volatile("sgdt %0" : "=m"(gdt));
	tss = *(uint64_t *)(gdt.base + SEL_TSS);
	tss = (tss >> 16 & 0xffffff) | (tss >> 56) << 24 | *(uint32_t *)(gdt.base + SEL_TSS + 8) * (1ULL << 32);
	probe_ist = (uint64_t *)(tss + 36 + 8 * (IST_PROBE - 1));
	probe_ist_fault = (uint64_t *)(tss + 36 + 8 * (IST_FAULT - 1));
	*probe_ist = (uint64_t)probe_stack_top;

	probe_old_entry = gate_exchange(VECTOR_BREAKPOINT, entry);
	gate_of(VECTOR_BREAKPOINT)->ist = IST_PROBE;
	return 0;
}
