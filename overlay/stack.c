/* stack.c: a program's first stack (System V ABI, AMD64 supplement, 3.4.1). */
#include "arch/x86_64/cpu.h"
#include "drivers/random.h"
#include "kernel/kmem.h"
#include "lib/auxv.h"
#include "overlay/elf_plan.h"
#include "overlay/load.h"

#define AUX_PAIRS 17

static int put_strings(struct vmspace *vm, uint64_t *at, const struct arg_list *list)
{
	*at -= list->len;
	return list->len ? vm_write(vm, *at, list->bytes, list->len) : 0;
}

/* Pointers to the strings that lie at `at`, then NULL. */
static int put_pointers(struct vmspace *vm, uint64_t *slot, uint64_t at, const struct arg_list *list)
{
	const char *s = list->bytes;
	uint64_t p = at;

	for (unsigned i = 0; i <= list->count; i++) {
		int r;

		if (i == list->count)
			p = 0;
		r = vm_write(vm, *slot, &p, 8);
		if (r < 0)
			return r;
		*slot += 8;
		if (i < list->count) {
			size_t n = strlen(s) + 1;

			s += n;
			p += n;
		}
	}
	return 0;
}

int stack_layout(struct vmspace *vm, uint64_t top, const struct elf_plan *plan, uint64_t bias, const char *path,
		 const struct arg_list *args, const struct arg_list *env, uint64_t *ret_sp)
{
	const char *name = path ? path : "";
	uint64_t random[2], at = top - 16, random_at, args_at, env_at, name_at, sp, slot, argc = args->count;
	int r;

	random_get(random, sizeof(random));
	name_at = at -= strlen(name) + 1;
	r = vm_write(vm, name_at, name, strlen(name) + 1);
	if (r < 0)
		return r;
	r = put_strings(vm, &at, env);
	if (r < 0)
		return r;
	env_at = at;
	r = put_strings(vm, &at, args);
	if (r < 0)
		return r;
	args_at = at;
	random_at = at = (at - 16) & ~15UL;
	r = vm_write(vm, random_at, random, sizeof(random));
	if (r < 0)
		return r;

	const uint64_t aux[AUX_PAIRS][2] = {
		{ AT_PHDR, plan->phdrs ? bias + plan->phdrs : 0 },
		{ AT_PHENT, sizeof(struct elf_phdr) },
		{ AT_PHNUM, plan->phdrs ? plan->phnum : 0 },
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_BASE, 0 },
		{ AT_FLAGS, 0 },
		{ AT_ENTRY, bias + plan->entry },
		{ AT_UID, 0 },
		{ AT_EUID, 0 },
		{ AT_GID, 0 },
		{ AT_EGID, 0 },
		{ AT_SECURE, 0 },
		{ AT_HWCAP, cpuid(1, 0).d },
		{ AT_CLKTCK, 100 },
		{ AT_RANDOM, random_at },
		{ AT_EXECFN, name_at },
		{ AT_NULL, 0 },
	};
	sp = at - 8 * (1 + (args->count + 1UL) + (env->count + 1UL)) - sizeof(aux);
	sp &= ~15UL;
	slot = sp;
	r = vm_write(vm, slot, &argc, 8);
	slot += 8;
	if (r == 0)
		r = put_pointers(vm, &slot, args_at, args);
	if (r == 0)
		r = put_pointers(vm, &slot, env_at, env);
	if (r == 0)
		r = vm_write(vm, slot, aux, sizeof(aux));
	if (r == 0)
		*ret_sp = sp;
	return r;
}
