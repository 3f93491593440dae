/*
 * test_random.c: random programs do the same in the interpreter, compiled, and in the Linux kernel, where bpf() works.
 * UIO_BPF_RANDOM is the number of programs for each test, UIO_BPF_SEED the number of the first.
 */
#include <errno.h>
#include <unistd.h>

#include "bpf/map.h"
#include "tests/bpf/cases.h"
#include "tests/bpf/kernel.h"
#include "tests/bpf/random_prog.h"

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

struct result {
	uint64_t r0;
	uint8_t value[RANDOM_VALUE];
};

/* What the memory is before. */
static void fill(uint8_t *value, uint64_t seed)
{
	for (int i = 0; i < RANDOM_VALUE; i++)
		value[i] = i < RANDOM_MEMORY ? (uint8_t)(seed * 31 + (uint64_t)i * 7) : 0;
}

static struct bpf_mem mem;
static struct bpf_map *map;

static void make_map(void)
{
	struct bpf_map_def def = { BPF_MAP_TYPE_ARRAY, 4, RANDOM_VALUE, 1, 0 };

	mem = engine_mem(1 << 20);
	assert_int_equal(bpf_map_create(&def, &mem, &map), 0);
}

/* Runs it in one of our engines: 0 interpreter, 1 compiled, 2 compiled without BMI2. */
static void run_here(struct bpf_insn *insns, size_t count, uint64_t seed, int which, struct result *ret)
{
	struct engine e;
	uint32_t key = 0;
	int r;

	engine_no_bmi2 = which == 2;
	r = engine_load(&e, insns, count, &map, 1, &case_helpers, 0, which != 0);
	if (r < 0)
		fail_msg("program %llu does not load: %s", (unsigned long long)seed, e.refusal.text);
	fill(ret->value, seed);
	bpf_map_update(map, &key, ret->value, 0);
	if (which == 0)
		assert_int_equal(engine_interpret(&e, 0, 0, &ret->r0), 0);
	else
		ret->r0 = engine_call(&e, 0, 0);
	bpf_map_lookup(map, &key, ret->value);
	engine_unload(&e);
}

static void compare(uint64_t seed, const char *who, const struct result *a, const struct result *b)
{
	for (int r = 0; r < 9; r++) {
		uint64_t x, y;

		memcpy(&x, a->value + RANDOM_MEMORY + 8 * r, 8);
		memcpy(&y, b->value + RANDOM_MEMORY + 8 * r, 8);
		if (x != y)
			fail_msg("program %llu: r%d is %#llx interpreted, %#llx %s", (unsigned long long)seed, r,
			         (unsigned long long)x, (unsigned long long)y, who);
	}
	if (memcmp(a->value, b->value, RANDOM_MEMORY))
		fail_msg("program %llu: memory differs %s", (unsigned long long)seed, who);
}

TEST(random_programs_do_the_same_interpreted_and_compiled)
{
	static struct bpf_insn insns[RANDOM_MAX];
	uint64_t first = setting("UIO_BPF_SEED", 1), count = setting("UIO_BPF_RANDOM", 3000);

	make_map();
	for (uint64_t seed = first; seed < first + count; seed++) {
		size_t n = random_prog(seed, seed % 4 ? 60 : 500, insns);
		struct result out[3];

		for (int i = 0; i < 3; i++)
			run_here(insns, n, seed, i, &out[i]);
		assert_int_equal(out[0].r0, out[1].r0);
		compare(seed, "compiled", &out[0], &out[1]);
		compare(seed, "compiled without BMI2", &out[0], &out[2]);
	}
	bpf_map_put(map);
}

TEST(random_programs_do_the_same_in_the_kernel)
{
	static struct bpf_insn insns[RANDOM_MAX];
	static char log[1 << 16];
	uint64_t first = setting("UIO_BPF_SEED", 1), count = setting("UIO_BPF_RANDOM", 300);
	uint64_t refused = 0;

	if (!kernel_bpf_works())
		skip();
	make_map();
	for (uint64_t seed = first; seed < first + count; seed++) {
		size_t n = random_prog(seed, 60, insns);
		struct result here, there;
		int prog, kmap;
		uint32_t r0;

		run_here(insns, n, seed, 0, &here);
		/* Socket filter and XDP by turns. */
		prog = kernel_load(insns, n, seed % 2 ? 1 : 6, 2, RANDOM_VALUE, &kmap, log, sizeof(log));
		if (prog < 0) {
			refused++;
			/* The kernel walks no more than a million instructions; anything else is a wrong program. */
			if (prog != -E2BIG)
				fail_msg("program %llu: the kernel says %d: %s", (unsigned long long)seed, prog,
				         log + (strlen(log) > 400 ? strlen(log) - 400 : 0));
			continue;
		}
		fill(there.value, seed);
		assert_int_equal(kernel_set_value(kmap, there.value), 0);
		assert_int_equal(kernel_run(prog, 1, &r0, NULL), 0);
		assert_int_equal(kernel_get_value(kmap, there.value), 0);
		close(prog);
		close(kmap);
		assert_int_equal(r0, (uint32_t)here.r0);
		compare(seed, "in the kernel", &here, &there);
	}
	print_message("# %llu of %llu programs were too complex for the kernel\n", (unsigned long long)refused,
	              (unsigned long long)count);
	assert_true(refused < count / 10 + 1);
	bpf_map_put(map);
}

TEST_MAIN
