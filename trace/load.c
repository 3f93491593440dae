/* load.c: see load.h. */
#include "trace/load.h"

#include "arch/x86_64/cpu.h"
#include "bpf/ctx.h"
#include "bpf/interp.h"
#include "bpf/jit.h"
#include "kernel/kmem.h"
#include "kernel/thread.h"
#include "lib/fmt.h"
#include "trace/area.h"
#include "trace/probe.h"
#include "trace/sample.h"
#include "trace/unwind.h"
#include "trace/xdp.h"

#define FILE_MAX (8u << 20)

struct list loaded_all = LIST_INIT(loaded_all);
static uint32_t next_loaded = 1, next_prog = 1, next_map = 1;

struct loaded *load_find(uint32_t id)
{
	struct loaded *l;

	list_for_each (l, &loaded_all, node)
		if (l->id == id)
			return l;
	return NULL;
}

struct trace_prog *load_find_prog(uint32_t id)
{
	struct loaded *l;

	list_for_each (l, &loaded_all, node)
		for (uint32_t i = 0; i < l->prog_count; i++)
			if (l->progs[i].id == id && !l->progs[i].refused)
				return &l->progs[i];
	return NULL;
}

struct bpf_map *load_find_map(uint32_t id)
{
	struct loaded *l;

	list_for_each (l, &loaded_all, node)
		if (id >= l->first_map && id - l->first_map < l->object->map_count)
			return l->object->maps[id - l->first_map].map;
	return NULL;
}

uint32_t load_map_id(const struct loaded *l, const struct bpf_map *map)
{
	for (uint32_t i = 0; i < l->object->map_count; i++)
		if (l->object->maps[i].map == map)
			return l->first_map + i;
	return 0;
}

void trace_detach(struct trace_prog *p)
{
	probe_detach_all(p);
	sample_detach(p);
	xdp_detach(p);
}

void load_detach(struct loaded *l)
{
	for (uint32_t i = 0; i < l->prog_count; i++)
		trace_detach(&l->progs[i]);
}

static void free_all(struct loaded *l)
{
	load_detach(l);
	for (uint32_t i = 0; i < l->prog_count; i++)
		area_free(l->progs[i].code, l->progs[i].code_size);
	/* Program arrays refer to programs that refer to them. */
	for (uint32_t i = 0; l->object && i < l->object->map_count; i++) {
		struct bpf_map *map = l->object->maps[i].map;

		for (uint32_t k = 0; map && map->type == BPF_MAP_TYPE_PROG_ARRAY && k < map->max_entries; k++)
			bpf_map_set_object(map, &k, NULL, 0);
	}
	bpf_object_close(l->object);
	bpf_mem_free(&area_mem, l->progs, l->prog_count * sizeof(*l->progs));
	area_free(l->file, l->file_size);
	kfree(l);
}

void load_drop(struct loaded *l)
{
	list_del(&l->node);
	free_all(l);
	if (list_empty(&loaded_all))
		unwind_drop();
}

/* All bytes of a file, in pages of their own. */
static int read_file(struct vnode *v, void **ret, size_t *ret_size)
{
	struct vattr a;
	struct file *f;
	void *bytes;
	kssize_t n;
	int r = vfs_getattr(v, &a);

	if (r < 0)
		return r;
	if (a.size == 0 || a.size > FILE_MAX)
		return -EFBIG;
	r = area_alloc(a.size, &bytes);
	if (r < 0)
		return r;
	r = vfs_open_vnode(v, O_RDONLY, &f);
	if (r == 0) {
		n = file_read_kernel(f, bytes, a.size, 0);
		r = n == (kssize_t)a.size ? 0 : -EIO;
		file_put(f);
	}
	if (r < 0) {
		area_free(bytes, a.size);
		return r;
	}
	*ret = bytes;
	*ret_size = a.size;
	return 0;
}

/* SDM vol. 2, CPUID leaf 7, EBX bit 8. What BMI2 has needs no state of XCR0 (vol. 2, 2.7: exceptions of type 13). */
static bool has_bmi2(void)
{
	return cpuid(0, 0).a >= 7 && cpuid(7, 0).b & 1u << 8;
}

static int compile(struct trace_prog *p, const struct bpf_insn_fact *facts, struct bpf_refusal *why)
{
	struct bpf_jit_options options = {.facts = facts, .relax = kernel_relax, .bmi2 = has_bmi2()};
	size_t scratch_size = bpf_jit_scratch(&p->prog) * sizeof(uint32_t);
	struct bpf_jit_info info;
	uint32_t *scratch = bpf_mem_alloc(&area_mem, scratch_size);
	int r = scratch ? bpf_jit(&p->prog, trace_helpers(), &options, scratch, NULL, 0, &info, why) : -ENOMEM;

	if (r == 0 || r == -E2BIG)
		r = area_alloc(info.size, &p->code);
	if (r == 0) {
		p->code_size = info.size;
		options.address = (uint64_t)p->code;
		r = bpf_jit(&p->prog, trace_helpers(), &options, scratch, p->code, p->code_size, &info, why);
	}
	if (r == 0)
		r = area_make_exec(p->code, p->code_size);
	if (r == 0) {
		p->prog.jited = (uint64_t(*)(const void *, uint64_t))((uint64_t)p->code + info.entry);
		p->prog.jited_tail = (const uint8_t *)p->code + info.tail;
	}
	bpf_mem_free(&area_mem, scratch, scratch_size);
	return r;
}

static int make_program(struct loaded *l, struct bpf_object_program *from, struct trace_prog *p,
			const struct load_how *how, struct bpf_refusal *why)
{
	struct bpf_verify_options options = {
		.mem = &area_mem, .relax = kernel_relax, .log = how->log, .log_ctx = how->log_arg};
	size_t facts_size;
	int r;

	if (from->sec_error < 0) {
		fmt_snprintf(why->text, sizeof(why->text), "section '%s' has no hook here", from->section);
		return from->sec_error;
	}
	r = bpf_object_link(l->object, from->name, &p->prog, why);
	if (r < 0)
		return r;
	facts_size = p->prog.insn_count * sizeof(*options.facts);
	options.facts = bpf_mem_alloc(&area_mem, facts_size);
	if (!options.facts) {
		r = -ENOMEM;
	} else {
		p->sec = &from->sec;
		p->prog.type = from->sec.type;
		p->prog.expected_attach_type = from->sec.attach_type;
		if (p->prog.type == BPF_PROG_TYPE_SYSCALL)
			p->prog.ctx_size = BPF_SYSCALL_CONTEXT_MAX;
		r = bpf_verify(&p->prog, &options, &p->verified, why);
	}
	if (r == 0)
		r = bpf_check_helpers(&p->prog, trace_helpers(), why);
	if (r == 0 && how->compile)
		r = compile(p, options.facts, why);
	bpf_mem_free(&area_mem, options.facts, facts_size);
	return r;
}

/* True if a program array has program I: those that it may call come along. */
static bool in_array(const struct bpf_object *o, uint32_t i)
{
	for (uint32_t m = 0; m < o->map_count; m++)
		for (uint32_t k = 0; k < o->maps[m].value_count; k++)
			if (o->maps[m].values[k].program == (int32_t)i)
				return true;
	return false;
}

static bool wanted(const struct bpf_object *o, uint32_t i, const char *only)
{
	const struct bpf_object_program *p = &o->programs[i];

	return only ? !strcmp(p->name, only) || in_array(o, i) : !p->sec.optional || p->sec_error < 0;
}

static int make_programs(struct loaded *l, const struct load_how *how, char who[64], struct bpf_refusal *why)
{
	struct bpf_object *o = l->object;
	const char *only = how->only;
	uint32_t count = 0;
	bool found = false;
	int r = 0;

	for (uint32_t i = 0; i < o->program_count; i++) {
		found |= !only || !strcmp(o->programs[i].name, only);
		count += wanted(o, i, only);
	}
	if (!found || !count) {
		fmt_snprintf(why->text, sizeof(why->text), only ? "there is no program '%s'" : "there are no programs",
			     only);
		return -ENOENT;
	}
	l->progs = bpf_mem_alloc(&area_mem, count * sizeof(*l->progs));
	if (!l->progs)
		return -ENOMEM;
	l->prog_count = count;
	for (uint32_t i = 0; i < count; i++) {
		list_init(&l->progs[i].hooks);
		l->progs[i].owner = l;
	}
	for (uint32_t i = 0, k = 0; r == 0 && i < o->program_count; i++) {
		if (!wanted(o, i, only))
			continue;
		fmt_snprintf(who, 64, "%s", o->programs[i].name);
		r = make_program(l, &o->programs[i], &l->progs[k], how, why);
		if (r < 0 && r != -ENOMEM && how->refused && count > 1) {
			how->refused(how->arg, who, why);
			l->progs[k].refused = true;
			r = 0;
		}
		k++;
	}
	return r;
}

static bool uses_map(const struct bpf_prog *p, uint32_t map)
{
	for (uint32_t i = 0; i < p->insn_count; i++)
		if (bpf_is_lddw(&p->insns[i]) && p->insns[i++].src_reg == BPF_PSEUDO_MAP_FD &&
		    (uint32_t)p->insns[i - 1].imm == map)
			return true;
	return false;
}

/*
 * Puts program TO into map I of the object. Programs that call through it give it their own context: that must be of the
 * same type (kernel/bpf/core.c, bpf_prog_map_compatible()), and as long as the longest that any of them reads.
 */
static int fill_entry(struct loaded *l, uint32_t i, uint32_t index, struct trace_prog *to, struct bpf_refusal *why)
{
	struct bpf_object *o = l->object;

	for (uint32_t n = 0; n < l->prog_count; n++) {
		struct trace_prog *from = &l->progs[n];

		if (!uses_map(&from->prog, i))
			continue;
		if (from->prog.type != to->prog.type ||
		    from->prog.expected_attach_type != to->prog.expected_attach_type) {
			fmt_snprintf(why->text, sizeof(why->text),
				     "map %s: %s is of another type than %s, which calls through it", o->maps[i].name,
				     to->prog.name, from->prog.name);
			return -EINVAL;
		}
	}
	return bpf_map_set_object(o->maps[i].map, &index, &to->prog, 0);
}

/* Each program may end up in each one that a program array has. */
static void widen_contexts(struct loaded *l)
{
	uint32_t most = 0;

	for (uint32_t n = 0; n < l->prog_count; n++)
		most = MAX(most, l->progs[n].verified.context_size);
	for (uint32_t n = 0; n < l->prog_count; n++)
		for (uint32_t i = 0; i < l->object->map_count; i++)
			if (l->object->maps[i].def.type == BPF_MAP_TYPE_PROG_ARRAY && uses_map(&l->progs[n].prog, i))
				l->progs[n].verified.context_size = most;
}

/* Tail calls go to compiled programs only, of the same object. */
static int fill_program_arrays(struct loaded *l, struct bpf_refusal *why)
{
	struct bpf_object *o = l->object;
	int r = 0;

	for (uint32_t i = 0; i < o->map_count; i++)
		for (uint32_t k = 0; r == 0 && k < o->maps[i].value_count; k++) {
			const struct bpf_object_value *v = &o->maps[i].values[k];

			for (uint32_t n = 0; r == 0 && v->program >= 0 && n < l->prog_count; n++)
				if (l->progs[n].sec == &o->programs[v->program].sec)
					r = fill_entry(l, i, v->index, &l->progs[n], why);
		}
	widen_contexts(l);
	return r;
}

/* The image's types, while an object is linked. */
struct image_types {
	void *file;
	size_t size;
	struct btf btf;
};

static int open_types(struct image_types *t, struct vnode *v, struct bpf_refusal *why)
{
	const char *fault;
	int r = read_file(v, &t->file, &t->size);

	if (r == 0)
		r = btf_open(t->file, t->size, &area_mem, &t->btf, &fault);
	if (r == -EBADMSG)
		fmt_snprintf(why->text, sizeof(why->text), "the image's types are damaged: %s", fault);
	return r;
}

static void close_types(struct image_types *t)
{
	if (t->btf.count)
		btf_close(&t->btf);
	area_free(t->file, t->size);
}

static int load(struct loaded *l, const struct load_how *how, char who[64], struct bpf_refusal *why)
{
	int r = bpf_object_make_maps(l->object, why);

	if (r == 0)
		r = make_programs(l, how, who, why);
	return r == 0 ? fill_program_arrays(l, why) : r;
}

int load_object(struct vnode *v, const struct load_how *how, struct loaded **ret, char who[64], struct bpf_refusal *why)
{
	struct image_types types = {0};
	struct bpf_object_options options = {.symbol = how->symbol, .arg = how->arg};
	struct loaded *l = kzalloc(sizeof(*l));
	int r;

	who[0] = why->text[0] = '\0';
	if (!l)
		return -ENOMEM;
	fmt_snprintf(l->name, sizeof(l->name), "%s", how->name);
	list_init(&l->node);
	r = read_file(v, &l->file, &l->file_size);
	if (r == 0 && how->types) {
		r = open_types(&types, how->types, why);
		options.target = &types.btf;
	}
	if (r == 0)
		r = bpf_object_open(l->file, l->file_size, &options, &area_mem, &l->object, why);
	if (r == 0 && !how->types && bpf_object_needs_types(l->object))
		r = -ENODATA;
	if (r == 0)
		r = load(l, how, who, why);
	/* Nothing is linked any more. */
	close_types(&types);
	if (r < 0) {
		free_all(l);
		return r;
	}
	l->id = next_loaded++;
	l->first_map = next_map;
	next_map += l->object->map_count;
	for (uint32_t i = 0; i < l->prog_count; i++)
		l->progs[i].id = next_prog++;
	list_add_tail(&loaded_all, &l->node);
	*ret = l;
	return 0;
}
