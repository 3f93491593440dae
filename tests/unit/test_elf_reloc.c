/* test_elf_reloc.c: what overlay/elf_reloc.h computes and what is in memory after a program was relocated. */
#include "overlay/elf_reloc.h"

#include "lib/errno.h"
#include "tests/unit/elf_image.h"
#include "tests/unit/test.h"

#define BIAS    0x20000
#define COUNTER 0x40123450
#define STUB    0x3ffff000

static struct elf_image m;
static struct elf_plan plan;
static char message[256];

/* The loaded program. */
static uint8_t memory[0x4000];

static int resolve_some(void *ctx, const struct elf_plan_symbol *s, uint64_t *ret)
{
	assert_null(ctx);
	assert_true(s->undefined);
	if (strcmp(s->name, "counter") == 0)
		*ret = COUNTER;
	else if (strcmp(s->name, "set_counter") == 0)
		*ret = STUB;
	else
		return -ENOENT;
	return 0;
}

static int resolve_none(void *ctx, const struct elf_plan_symbol *s, uint64_t *ret)
{
	(void)ctx;
	(void)s;
	(void)ret;
	return -ENOENT;
}

static int write_memory(void *ctx, uint64_t vaddr, const void *bytes, size_t n)
{
	(void)ctx;
	assert_true(vaddr >= BIAS && vaddr - BIAS + n <= sizeof(memory));
	memcpy(memory + (vaddr - BIAS), bytes, n);
	return 0;
}

static int load(int (*resolve)(void *, const struct elf_plan_symbol *, uint64_t *))
{
	struct elf_plan_ops ops = { resolve, write_memory };

	assert_int_equal(elf_plan_make(&m, sizeof(m), &plan, message, sizeof(message)), 0);
	memset(memory, 0, sizeof(memory));
	for (size_t i = 0; i < plan.segment_count; i++)
		memcpy(memory + plan.segments[i].vaddr, (uint8_t *)&m + plan.segments[i].offset,
		       plan.segments[i].filesz);
	return elf_plan_relocate(&plan, BIAS, &ops, NULL, message, sizeof(message));
}

static const struct elf_image *loaded(void)
{
	return (const struct elf_image *)memory;
}

TEST(relocation_binds_undefined_symbols_to_the_applications)
{
	image_build(&m);
	assert_int_equal(load(resolve_some), 0);
	assert_int_equal(loaded()->slots[1], COUNTER);
	assert_int_equal(loaded()->slots[7], STUB);
	assert_int_equal(loaded()->slots[2], 0); /* weak and unknown */
	assert_int_equal(loaded()->slots[3], 0); /* a compiler's hook */
}

TEST(relocation_moves_the_programs_own_addresses)
{
	image_build(&m);
	assert_int_equal(load(resolve_some), 0);
	assert_int_equal(loaded()->slots[0], BIAS + IMAGE_DATA);
	assert_int_equal(loaded()->slots[4], BIAS + IMAGE_DATA + 64 + 16);
	assert_int_equal(loaded()->slots[8], BIAS + 0x100);
	assert_int_equal(loaded()->slots[9], BIAS + 0x200);
	assert_int_equal(loaded()->slots[10], 0);
	assert_int_equal(loaded()->slots[11], BIAS + 0x300);
}

TEST(relocation_offsets_of_thread_locals_are_negative_and_aligned)
{
	image_build(&m);
	assert_int_equal(load(resolve_some), 0);
	assert_int_equal(elf_plan_tls_offset(&plan), 32); /* 20 bytes, aligned to 16 */
	assert_int_equal((int64_t)loaded()->slots[5], 8 - 32);
}

TEST(relocation_leaves_startup_code_nothing_that_it_would_undo)
{
	image_build(&m);
	assert_int_equal(load(resolve_some), 0);
	assert_int_equal(loaded()->rela[RELA_RELATIVE].info, ELF_R_RELATIVE);
	assert_int_equal(loaded()->rela[RELA_IRELATIVE].info, ELF_R_IRELATIVE);
	assert_int_equal(loaded()->slots[6], 0);
	for (int i = RELA_COUNTER; i <= RELA_TPOFF; i++)
		assert_int_equal(loaded()->rela[i].info, ELF_R_NONE);
	assert_int_equal(loaded()->jmprel[0].info, ELF_R_NONE);
	for (int i = 0; loaded()->dyn[i].tag; i++) {
		if (loaded()->dyn[i].tag == ELF_DT_RELRSZ)
			assert_int_equal(loaded()->dyn[i].value, 0);
	}
}

TEST(relocation_against_an_own_ifunc_is_left_to_the_program)
{
	image_build(&m);
	m.rela[RELA_OWN] = image_rela(4, ELF_R_GLOB_DAT, SYM_IFUNC, 0);
	assert_int_equal(load(resolve_some), 0);
	assert_int_equal(loaded()->slots[4], 0);
	assert_int_equal(ELF_RELA_TYPE(loaded()->rela[RELA_OWN].info), ELF_R_GLOB_DAT);
}

TEST(relocation_names_the_symbol_that_the_application_lacks)
{
	image_build(&m);
	assert_int_equal(load(resolve_none), -ENOENT);
	assert_string_equal(message,
			    "symbol counter: undefined in the program, and the application has none of that name");
}

TEST(relocation_refuses_a_32_bit_field_that_cannot_hold_the_address)
{
	image_build(&m);
	m.rela[RELA_COUNTER] = image_rela(1, ELF_R_32, SYM_COUNTER, 0);
	assert_int_equal(load(resolve_some), 0);
	assert_int_equal(loaded()->slots[1], COUNTER);
	m.rela[RELA_COUNTER].addend = (int64_t)1 << 33;
	assert_int_equal(load(resolve_some), -ERANGE);
	assert_non_null(strstr(message, "does not fit in 32 bits"));
}

static void expect(uint32_t type, uint64_t p, uint64_t s, int64_t a, uint64_t want, unsigned want_size)
{
	uint64_t value = 0;
	unsigned size = 0;

	assert_int_equal(elf_apply_reloc(type, p, s, a, &value, &size), 0);
	assert_true(value == want);
	assert_int_equal(size, want_size);
}

TEST(reloc_types_compute_what_the_psabi_says)
{
	expect(ELF_R_64, 0x1000, 0x40000000, 8, 0x40000008, 8);
	expect(ELF_R_GLOB_DAT, 0x1000, 0x40000000, 8, 0x40000000, 8);
	expect(ELF_R_JUMP_SLOT, 0x1000, 0x40000000, 0, 0x40000000, 8);
	expect(ELF_R_RELATIVE, 0, 0x10000, 0x30, 0x10030, 8);
	expect(ELF_R_PC32, 0x10000, 0x40000000, -4, 0x3ffefffc, 4);
	expect(ELF_R_PLT32, 0x40000000, 0x10000, -4, 0xc000fffc, 4);
	expect(ELF_R_PC64, 0x40000000, 0x10000, 0, (uint64_t)-0x3fff0000, 8);
	expect(ELF_R_32, 0, 0xffffffff, 0, 0xffffffff, 4);
	expect(ELF_R_32S, 0, 0, -1, 0xffffffff, 4);
	expect(ELF_R_NONE, 0, 1, 2, 0, 0);
}

TEST(reloc_overflow_is_refused_and_leaves_the_result_alone)
{
	uint64_t value = 7;
	unsigned size = 7;

	assert_int_equal(elf_apply_reloc(ELF_R_32, 0, 0xffffffff, 1, &value, &size), -ERANGE);
	assert_int_equal(elf_apply_reloc(ELF_R_32S, 0, 0x7fffffff, 1, &value, &size), -ERANGE);
	assert_int_equal(elf_apply_reloc(ELF_R_PC32, 0x1000, 0x100000000000, 0, &value, &size), -ERANGE);
	assert_int_equal(elf_apply_reloc(ELF_R_COPY, 0, 0, 0, &value, &size), -EOPNOTSUPP);
	assert_int_equal(elf_apply_reloc(ELF_R_TLSDESC, 0, 0, 0, &value, &size), -EOPNOTSUPP);
	assert_int_equal(value, 7);
	assert_int_equal(size, 7);
}

TEST_MAIN
