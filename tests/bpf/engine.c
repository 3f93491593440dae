/* engine.c: see engine.h. */
#include "tests/bpf/engine.h"

#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bpf/check.h"

bool engine_no_bmi2;
const struct bpf_insn_fact *engine_facts;

static void *take(struct bpf_mem *mem, size_t size)
{
	return calloc(1, size);
}

static void give(struct bpf_mem *mem, void *p, size_t size)
{
	free(p);
}

struct bpf_mem engine_mem(size_t budget)
{
	return (struct bpf_mem){ .alloc = take, .free = give, .budget = budget };
}

static bool has_bmi2(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 8);
}

/* Pages within reach of this program's own code where that is possible, so that calls are direct. */
static void *map_near(size_t size)
{
	uintptr_t start = (uintptr_t)map_near & ~0xfffffful;
	void *p;

	for (uintptr_t i = 1; i <= 64; i++) {
		p = mmap((void *)(start - i * 0x1000000), size, PROT_READ | PROT_WRITE,
		         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (p != MAP_FAILED)
			return p;
	}
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int compile(struct engine *e, const struct bpf_helpers *helpers)
{
	struct bpf_jit_options options = { .bmi2 = !engine_no_bmi2 && has_bmi2(), .facts = engine_facts };
	uint32_t *scratch = calloc(bpf_jit_scratch(&e->prog), sizeof(*scratch));
	int r = -ENOMEM;

	if (!scratch)
		return r;
	r = bpf_jit(&e->prog, helpers, &options, scratch, NULL, 0, &e->info, &e->refusal);
	if (r < 0)
		goto out;
	e->code_size = e->info.size;
	e->code = map_near(e->code_size);
	if (e->code == MAP_FAILED) {
		e->code = NULL;
		r = -ENOMEM;
		goto out;
	}
	options.address = (uint64_t)e->code;
	r = bpf_jit(&e->prog, helpers, &options, scratch, e->code, e->code_size, &e->info, &e->refusal);
	if (r < 0)
		goto out;
	if (mprotect(e->code, e->code_size, PROT_READ | PROT_EXEC) < 0)
		r = -errno;
	e->prog.jited = (uint64_t (*)(const void *, uint64_t))((char *)e->code + e->info.entry);
	e->prog.jited_tail = (char *)e->code + e->info.tail;
out:
	free(scratch);
	return r;
}

int engine_prepare(struct engine *e, const struct bpf_helpers *helpers, bool jit)
{
	int r;

	e->interp = malloc(bpf_interp_size(&e->prog));
	if (!e->interp)
		return -ENOMEM;
	r = bpf_interp_init(e->interp, &e->prog, helpers, &e->refusal);
	if (r < 0)
		return r;
	e->prog.interp = e->interp;
	return jit ? compile(e, helpers) : 0;
}

int engine_load(struct engine *e, struct bpf_insn *insns, size_t count, struct bpf_map **maps, size_t map_count,
                const struct bpf_helpers *helpers, unsigned flags, bool jit)
{
	int r;

	memset(e, 0, sizeof(*e));
	e->prog = (struct bpf_prog){
		.insns = insns,
		.insn_count = (uint32_t)count,
		.subprogs = calloc(BPF_MAX_SUBPROGS, sizeof(struct bpf_subprog)),
		.subprogs_max = BPF_MAX_SUBPROGS,
		.maps = maps,
		.map_count = (uint32_t)map_count,
		.refs = 1,
	};
	if (!e->prog.subprogs)
		return -ENOMEM;
	r = bpf_check_structure(&e->prog, flags, &e->refusal);
	return r < 0 ? r : engine_prepare(e, helpers, jit);
}

void engine_unload(struct engine *e)
{
	if (e->code)
		munmap(e->code, e->code_size);
	free(e->interp);
	free(e->prog.subprogs);
	memset(e, 0, sizeof(*e));
}

int engine_interpret(struct engine *e, uint64_t r1, uint64_t r2, uint64_t *ret_r0)
{
	struct bpf_run *run = malloc(sizeof(*run));
	uint64_t r0;
	int r = 0;

	if (!run)
		return -ENOMEM;
	r0 = bpf_interp_run(e->interp, run, r1, r2);
	if (run->fault)
		r = -EFAULT;
	else
		*ret_r0 = r0;
	free(run);
	return r;
}
