/* load.c: maps a planned ELF file into a new window. elf_plan.c has decided and checked everything beforehand; what fails
 * here is memory. The file is looked at through a temporary mapping in the new window itself, so that no kernel memory
 * of its size is needed. */
#include "overlay/load.h"

#include "kernel/kmem.h"
#include "kernel/thread.h"
#include "lib/fmt.h"
#include "overlay/accept.h"
#include "overlay/elf_plan.h"
#include "overlay/elf_reloc.h"
#include "overlay/program.h"

#include "fs/vfs.h"

#define IMAGE_AT 0x20000000UL /* the temporary mapping: above any bias, below the stack */
#define IMAGE_MAX (128UL << 20)

struct loader {
	struct program *program;
	struct vmspace *vm;
	struct vnode *image;
	struct elf_plan *plan;
	uint64_t bias, stubs, brk;
	char *error;
	size_t error_size;
};

static uint32_t prot_of(uint32_t elf)
{
	return (elf & ELF_PF_R ? PROT_READ : 0) | (elf & ELF_PF_W ? PROT_WRITE : 0) | (elf & ELF_PF_X ? PROT_EXEC | PROT_READ : 0);
}

/* Pages first without rights to execute: relocations and the zeroed tail are still to be written. */
static int map_segment(struct loader *l, const struct elf_plan_segment *s)
{
	uint64_t start = l->bias + s->vaddr, file_end = start + s->filesz, end = start + s->memsz;
	uint64_t page = PAGE_ALIGN_DOWN(start), file_pages_end = PAGE_ALIGN_UP(file_end), got;
	uint32_t prot = prot_of(s->prot) & ~PROT_EXEC;
	int r;

	if (s->filesz) {
		r = vm_map(l->vm, page, file_pages_end - page, prot, VM_FIXED, l->image, s->offset - (start - page), NULL, &got);
		if (r < 0)
			return r;
	} else {
		file_pages_end = page;
	}
	if (PAGE_ALIGN_UP(end) > file_pages_end) {
		r = vm_map(l->vm, file_pages_end, PAGE_ALIGN_UP(end) - file_pages_end, prot, VM_FIXED, NULL, 0, NULL, &got);
		if (r < 0)
			return r;
	}
	/* The rest of the last file page is bss. */
	if (s->memsz > s->filesz && s->filesz && file_end & PAGE_MASK) {
		static const uint8_t zero[256];
		uint64_t stop = MIN(PAGE_ALIGN_UP(file_end), end);

		for (uint64_t at = file_end; at < stop; at += sizeof(zero)) {
			r = vm_write(l->vm, at, zero, MIN(sizeof(zero), stop - at));
			if (r < 0)
				return r;
		}
	}
	l->brk = MAX(l->brk, PAGE_ALIGN_UP(end));
	return 0;
}

static const struct binding *find_binding(struct program *p, const char *name, size_t *ret_index)
{
	size_t lo = 0, hi = p->binding_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(name, p->bindings[mid].name);

		if (c == 0) {
			*ret_index = mid;
			return &p->bindings[mid];
		}
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* What an undefined symbol of the program is. */
static int resolve(void *ctx, const struct elf_plan_symbol *sym, uint64_t *ret_value)
{
	struct loader *l = ctx;
	const struct binding *b;
	size_t index;

	b = find_binding(l->program, sym->name, &index);
	if (!b)
		return -ENOENT;
	if (!b->function) {
		*ret_value = b->addr;
		return 0;
	}
	if (!(l->program->grants & GRANT_CALL)) {
		fmt_snprintf(l->error, l->error_size, "program %s: calling %s needs the grant `call`", l->program->name, b->name);
		return -EACCES;
	}
	if (l->program->calls) {
		char **c = l->program->calls;

		while (*c && strcmp(*c, b->name))
			c++;
		if (!*c) {
			fmt_snprintf(l->error, l->error_size, "program %s: calling %s needs the grant `call=%s`", l->program->name,
				     b->name, b->name);
			return -EACCES;
		}
	}
	*ret_value = l->stubs + index * STUB_SIZE;
	return 0;
}

static int put(void *ctx, uint64_t vaddr, const void *bytes, size_t len)
{
	struct loader *l = ctx;

	return vm_write(l->vm, vaddr, bytes, len);
}

static const struct elf_plan_ops reloc_ops = { resolve, put };

static int protect_segments(struct loader *l)
{
	for (size_t i = 0; i < l->plan->segment_count; i++) {
		const struct elf_plan_segment *s = &l->plan->segments[i];
		uint64_t start = PAGE_ALIGN_DOWN(l->bias + s->vaddr);
		int r;

		if (!(s->prot & ELF_PF_X))
			continue;
		r = vm_protect(l->vm, start, PAGE_ALIGN_UP(l->bias + s->vaddr + s->memsz) - start, prot_of(s->prot));
		if (r == -EACCES)
			fmt_snprintf(l->error, l->error_size,
				     "program %s: the code at 0x%lx..0x%lx contains a WRPKRU instruction (0f 01 ef), which no "
				     "overlay program may execute", l->program->name, start, l->bias + s->vaddr + s->memsz);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load_into(struct loader *l, uint64_t size, const char *path, const struct arg_list *args,
		     const struct arg_list *env, struct load_result *ret)
{
	struct elf_plan *plan = l->plan;
	uint64_t got, stack = WINDOW_TOP - WINDOW_STACK_SIZE;
	int r;

	r = vm_map(l->vm, IMAGE_AT, PAGE_ALIGN_UP(size), PROT_READ, VM_FIXED, l->image, 0, NULL, &got);
	if (r < 0)
		return r;
	/* Brought in page by page here: the planner reads through plain pointers. */
	for (uint64_t at = IMAGE_AT; at < IMAGE_AT + size; at += PAGE_SIZE) {
		struct paddr frame;

		r = vm_get_frame(l->vm, at, false, &frame);
		if (r < 0)
			return r;
		if (at % (64 * PAGE_SIZE) == 0)
			kernel_relax();
	}
	vmspace_activate(l->vm);
	elf_plan_pause = kernel_relax;
	r = elf_plan_make((const void *) IMAGE_AT, size, plan, l->error, l->error_size);
	if (r < 0)
		return r;
	if (plan->kind == ELF_PLAN_MOVABLE) {
		l->bias = PAGE_ALIGN_UP(MAX(PROGRAM_BIAS, plan->align));
		if (plan->align)
			l->bias = (l->bias + plan->align - 1) / plan->align * plan->align;
	}
	if (!elf_plan_bias_ok(plan, l->bias) || l->bias + plan->high > IMAGE_AT) {
		fmt_snprintf(l->error, l->error_size, "program %s: does not fit below 0x%lx", l->program->name, IMAGE_AT);
		return -ENOEXEC;
	}
	r = stubs_map(l->program, l->vm, &l->stubs);
	for (size_t i = 0; r == 0 && i < plan->segment_count; i++)
		r = map_segment(l, &plan->segments[i]);
	if (r == 0)
		r = elf_plan_relocate(plan, l->bias, &reloc_ops, l, l->error, l->error_size);
	if (r == 0)
		r = protect_segments(l);
	if (r == 0)
		r = vm_map(l->vm, stack, WINDOW_STACK_SIZE, PROT_READ | PROT_WRITE, VM_FIXED | VM_STACK, NULL, 0, "[stack]", &got);
	if (r == 0)
		r = stack_layout(l->vm, WINDOW_TOP, plan, l->bias, path, args, env, &ret->sp);
	if (r == 0)
		r = vm_unmap(l->vm, IMAGE_AT, PAGE_ALIGN_UP(size));
	if (r < 0)
		return r;
	l->vm->brk_start = l->vm->brk = l->brk;
	ret->entry = l->bias + plan->entry;
	l->program->bias = l->bias;
	return 0;
}

int load_program(struct program *p, struct vnode *image, const char *path, const struct arg_list *args,
		 const struct arg_list *env, struct load_result *ret, char *error, size_t error_size)
{
	struct thread *t = current();
	struct vmspace *before = t->window;
	uint64_t cr3_before = t->cr3;
	struct loader l = { .program = p, .image = image, .error = error, .error_size = error_size };
	struct vnode *accepted = NULL;
	struct vattr attr;
	int r;

	error[0] = 0;
	/* A pushed program comes by no path, and in an application that opens no file nobody has named the file pages yet. */
	vfs_boot();
	if (accept_image) {
		r = accept_image(p, image, path, &accepted, error, error_size);
		if (r < 0)
			goto out;
		l.image = accepted;
	}
	r = vfs_getattr(l.image, &attr);
	if (r < 0)
		goto out;
	r = -ENOEXEC;
	if (!S_ISREG(attr.mode)) {
		fmt_snprintf(error, error_size, "program %s: not a regular file", p->name);
		goto out;
	}
	if (attr.size == 0 || attr.size > IMAGE_MAX) {
		fmt_snprintf(error, error_size, "program %s: %lu bytes, may be 1 to %lu", p->name, attr.size, IMAGE_MAX);
		goto out;
	}
	r = -ENOMEM;
	l.plan = kmalloc(sizeof(*l.plan));
	if (!l.plan)
		goto out;
	r = vmspace_create_window(p->rights.view, &l.vm);
	if (r < 0)
		goto out;
	r = vmspace_set_quota(l.vm, &p->quota_used, p->quota_limit);
	if (r == 0)
		r = load_into(&l, attr.size, path, args, env, ret);
	/* The caller's space comes back before the new one can go. */
	vmspace_activate(before ? before : &app_vm);
	t->window = before;
	t->cr3 = cr3_before;
	if (r < 0)
		vmspace_put(l.vm);
	else
		ret->vm = l.vm;
out:
	vnode_put(accepted);
	kfree(l.plan);
	if (r == -ENOMEM && !error[0])
		fmt_snprintf(error, error_size, "program %s: no memory: limit %lu KiB", p->name, p->quota_limit * 4);
	return r;
}
