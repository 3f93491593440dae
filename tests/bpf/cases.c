/* cases.c: see cases.h. */
#include "tests/bpf/cases.h"

#include "bpf/check.h"

struct bpf_helpers case_helpers;
struct bpf_map **case_maps;
size_t case_map_count;

static uint64_t first_argument(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1;
}

static uint64_t call_by_number(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, uint64_t number)
{
	assert_true(number < BPF_HELPER_NUMBERS && case_helpers.fn[number]);
	return case_helpers.fn[number](r1, r2, r3, r4, r5);
}

static void __attribute__((constructor)) fill_helpers(void)
{
	bpf_helpers_add_pure(&case_helpers);
	case_helpers.fn[5] = first_argument;
	case_helpers.callx = call_by_number;
}

struct outcome run_both(struct bpf_insn *insns, size_t count, const void *memory, uint64_t r2)
{
	struct outcome out[3] = { 0 };

	for (int i = 0; i < 3; i++) {
		struct engine e;
		int r;

		engine_no_bmi2 = i == 2;
		r = engine_load(&e, insns, count, case_maps, case_map_count, &case_helpers, BPF_CHECK_CALLX, i != 0);
		if (r < 0)
			fail_msg("does not load: %s", e.refusal.text);
		if (memory)
			memcpy(out[i].memory, memory, CASE_MEMORY);
		if (i == 0)
			assert_int_equal(engine_interpret(&e, (uint64_t)out[i].memory, r2, &out[i].r0), 0);
		else
			out[i].r0 = engine_call(&e, (uint64_t)out[i].memory, r2);
		engine_unload(&e);
		if (out[i].r0 != out[0].r0)
			fail_msg("compiled%s: r0 is %#llx, interpreted %#llx", i == 2 ? " without BMI2" : "",
			         (unsigned long long)out[i].r0, (unsigned long long)out[0].r0);
		assert_memory_equal(out[i].memory, out[0].memory, CASE_MEMORY);
	}
	return out[0];
}
