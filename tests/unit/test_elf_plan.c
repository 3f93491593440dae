/* test_elf_plan.c: which programs overlay/elf_plan.h accepts, and with what words it refuses the others. */
#include "overlay/elf_plan.h"

#include "lib/errno.h"
#include "tests/unit/elf_image.h"
#include "tests/unit/test.h"

static struct elf_image m;
static struct elf_plan plan;
static char message[256];

static int make(void)
{
	message[0] = '\0';
	return elf_plan_make(&m, sizeof(m), &plan, message, sizeof(message));
}

static void expect_refusal(int error, const char *words)
{
	assert_int_equal(make(), error);
	if (!strstr(message, words))
		fail_msg("\"%s\" does not say \"%s\"", message, words);
}

TEST(plan_describes_a_static_pie)
{
	image_build(&m);
	assert_int_equal(make(), 0);
	assert_int_equal(plan.kind, ELF_PLAN_MOVABLE);
	assert_int_equal(plan.segment_count, 3);
	assert_int_equal(plan.segments[2].memsz, 0x1800);
	assert_int_equal(plan.low, 0);
	assert_int_equal(plan.high, 0x4000);
	assert_int_equal(plan.entry, IMAGE_TEXT);
	assert_int_equal(plan.phdrs, 64);
	assert_int_equal(plan.phnum, PH_COUNT);
	assert_int_equal(plan.tls.memsz, 20);
	assert_int_equal(plan.stack_size, 0x20000);
	assert_int_equal(plan.reloc_count, RELA_COUNT + 1);
	assert_int_equal(plan.undefined_count, 3);
	assert_true(plan.has_irelative);
	assert_int_equal(elf_plan_page_prot(&plan, 0x1000), ELF_PF_R | ELF_PF_X);
	assert_int_equal(elf_plan_page_prot(&plan, 0x3000), ELF_PF_R | ELF_PF_W);
	assert_int_equal(elf_plan_page_prot(&plan, 0x4000), 0);
}

TEST(plan_accepts_only_a_bias_inside_the_window_and_aligned)
{
	image_build(&m);
	m.ph[PH_DATA].align = 0x10000;
	assert_int_equal(make(), 0);
	assert_true(elf_plan_bias_ok(&plan, 0x10000));
	assert_false(elf_plan_bias_ok(&plan, 0));
	assert_false(elf_plan_bias_ok(&plan, 0x11000));
	assert_true(elf_plan_bias_ok(&plan, 0x3ffe0000));
	assert_false(elf_plan_bias_ok(&plan, 0x3fff0000));
	assert_false(elf_plan_bias_ok(&plan, UINT64_MAX - 0xffff));
}

TEST(plan_keeps_a_fixed_program_where_it_was_linked_if_that_is_in_the_window)
{
	image_build(&m);
	m.h.type = ELF_TYPE_EXEC;
	expect_refusal(-ENOEXEC, "segment 0: 0x1000 bytes at 0x0, a program has 0x10000 to 0x3fff0000");
	for (int i = PH_RO; i <= PH_DATA; i++)
		m.ph[i].vaddr += 0x400000;
	m.ph[PH_TLS].vaddr += 0x400000;
	m.h.entry += 0x400000;
	m.h.phnum = PH_DYNAMIC;
	assert_int_equal(make(), 0);
	assert_int_equal(plan.kind, ELF_PLAN_FIXED);
	assert_int_equal(plan.phdrs, 0x400040);
	assert_true(elf_plan_bias_ok(&plan, 0));
	assert_false(elf_plan_bias_ok(&plan, 0x1000));
	m.ph[PH_DATA].memsz = 0x3fff0000 - 0x402000;
	assert_int_equal(make(), 0);
	m.ph[PH_DATA].memsz++;
	expect_refusal(-ENOEXEC, "segment 2");
	m.ph[PH_DATA].memsz = UINT64_MAX - 0x1000;
	expect_refusal(-ENOEXEC, "segment 2");
}

TEST(plan_refuses_writable_code_in_one_segment_or_by_a_shared_page)
{
	image_build(&m);
	m.ph[PH_TEXT].flags |= ELF_PF_W;
	expect_refusal(-ENOEXEC, "segment 1 at 0x1000: writable and executable at once");
	image_build(&m);
	m.ph[PH_TEXT].memsz = m.ph[PH_TEXT].filesz = 0x800;
	m.ph[PH_DATA].vaddr -= 0x800;
	expect_refusal(-ENOEXEC, "page 0x1000: shared by a writable and an executable segment");
	image_build(&m);
	m.ph[PH_RO].memsz = m.ph[PH_RO].filesz = 0x1010;
	m.ph[PH_TEXT].vaddr = 0x1010;
	m.ph[PH_TEXT].memsz = m.ph[PH_TEXT].filesz = 0x800;
	m.h.entry = 0x1010;
	assert_int_equal(make(), 0); /* a page that is read and executed is fine */
}

TEST(plan_refuses_a_segment_without_memory_that_has_bytes_in_the_file)
{
	image_build(&m);
	m.ph[PH_RO].memsz = 0; /* the tables lie in it: they would be relocated where nothing is loaded */
	expect_refusal(-EBADMSG, "segment 0: 0x1000 bytes in the file, but only 0x0 in memory");
}

TEST(plan_refuses_segments_that_overlap_or_descend_or_leave_the_file)
{
	image_build(&m);
	m.ph[PH_DATA].vaddr = 0x1fff;
	expect_refusal(-EBADMSG, "segment 2: starts at 0x1fff, the one before it ends at 0x2000");
	image_build(&m);
	m.ph[PH_TEXT].offset = sizeof(m) - 0xfff;
	expect_refusal(-EBADMSG, "segment 1: 0x1000 bytes at offset");
	m.ph[PH_TEXT].offset = UINT64_MAX - 5;
	expect_refusal(-EBADMSG, "segment 1");
	image_build(&m);
	m.ph[PH_TEXT].filesz = 0x1001;
	expect_refusal(-EBADMSG, "0x1001 bytes in the file, but only 0x1000 in memory");
	image_build(&m);
	m.ph[PH_TEXT].align = 3;
	expect_refusal(-EBADMSG, "alignment 0x3");
}

TEST(plan_refuses_an_entry_outside_the_code)
{
	image_build(&m);
	m.h.entry = IMAGE_DATA;
	expect_refusal(-EBADMSG, "entry 0x2000: not in an executable segment");
	m.h.entry = UINT64_MAX;
	expect_refusal(-EBADMSG, "entry");
}

TEST(plan_refuses_a_dynamically_linked_program_by_the_librarys_name)
{
	image_build(&m);
	image_dyn(&m, ELF_DT_NEEDED, image_name(&m, "libc.so.6"));
	expect_refusal(-ENOEXEC, "needs the library libc.so.6: dynamically linked; build it with -static");
}

TEST(plan_accepts_an_interpreter_if_no_library_is_needed)
{
	image_build(&m);
	m.ph[PH_STACK].type = ELF_PT_INTERP;
	assert_int_equal(make(), 0);
	assert_true(plan.has_interp);
}

TEST(plan_refuses_text_relocations_and_says_how_to_compile)
{
	image_build(&m);
	image_dyn(&m, ELF_DT_TEXTREL, 0);
	expect_refusal(-ENOEXEC, "compile with -fPIC");
	image_build(&m);
	image_dyn(&m, ELF_DT_FLAGS, ELF_DF_TEXTREL);
	expect_refusal(-ENOEXEC, "compile with -fPIC");
	image_build(&m);
	m.rela[RELA_COUNTER].offset = IMAGE_TEXT + 4;
	expect_refusal(-ENOEXEC, "relocation at 0x1004: in a read-only segment; compile with -fPIC");
}

TEST(plan_refuses_copies_and_thread_local_variables_of_the_application_by_name)
{
	image_build(&m);
	m.rela[RELA_COUNTER].info = (uint64_t)SYM_COUNTER << 32 | ELF_R_COPY;
	expect_refusal(-ENOEXEC, "symbol counter: wants a copy");
	m.rela[RELA_COUNTER].info = (uint64_t)SYM_COUNTER << 32 | ELF_R_TPOFF64;
	expect_refusal(-ENOEXEC, "symbol counter: a thread-local variable of the application");
}

TEST(plan_refuses_unknown_relocation_types_and_places_outside_the_segments)
{
	image_build(&m);
	m.rela[RELA_OWN].info = (uint64_t)SYM_OWN << 32 | 99;
	expect_refusal(-ENOEXEC, "type 99 cannot be loaded");
	image_build(&m);
	m.rela[RELA_RELATIVE].offset = 0x37f9;
	expect_refusal(-EBADMSG, "relocation at 0x37f9: changes 8 bytes that are not loaded");
	m.rela[RELA_RELATIVE].offset = UINT64_MAX - 3;
	expect_refusal(-EBADMSG, "not loaded");
	image_build(&m);
	m.relr[0] = IMAGE_TEXT;
	expect_refusal(-EBADMSG, "relative relocation table");
}

TEST(plan_refuses_damaged_tables)
{
	static const int64_t tags[] = { ELF_DT_RELA, ELF_DT_JMPREL, ELF_DT_RELR, ELF_DT_SYMTAB, ELF_DT_STRTAB };
	static const int64_t sizes[] = { ELF_DT_RELASZ, ELF_DT_PLTRELSZ, ELF_DT_RELRSZ, ELF_DT_STRSZ };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		image_build(&m);
		image_dyn(&m, tags[i], 0x3000); /* the zeroed part */
		expect_refusal(-EBADMSG, "dynamic section");
		image_dyn(&m, tags[i], UINT64_MAX - 7);
		expect_refusal(-EBADMSG, "dynamic section");
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		image_build(&m);
		image_dyn(&m, sizes[i], 24 * 1024);
		expect_refusal(-EBADMSG, "dynamic section");
	}
	image_build(&m);
	image_dyn(&m, ELF_DT_RELASZ, 25);
	expect_refusal(-EBADMSG, "not of 24 bytes");
	image_build(&m);
	m.rela[RELA_COUNTER].info = (uint64_t)60000 << 32 | ELF_R_GLOB_DAT;
	expect_refusal(-EBADMSG, "symbol 60000 is damaged");
	image_build(&m);
	m.sym[SYM_COUNTER].name = sizeof(m.str);
	expect_refusal(-EBADMSG, "damaged");
	image_build(&m);
	m.ph[PH_DYNAMIC].offset += 16;
	expect_refusal(-EBADMSG, "dynamic section: at offset");
}

TEST(plan_bounds_what_a_hostile_file_can_make_it_do)
{
	image_build(&m);
	m.h.phnum = 65;
	expect_refusal(-ENOEXEC, "65 program headers, 1 to 64");
	image_build(&m);
	m.rela[RELA_COUNTER].info = (uint64_t)70000 << 32 | ELF_R_GLOB_DAT;
	expect_refusal(-ENOEXEC, "at most 65536 symbols");
	image_build(&m);
	m.ph[PH_TLS].align = 0x2000;
	expect_refusal(-ENOEXEC, "TLS segment: alignment 0x2000");
}

TEST(plan_refuses_files_that_are_no_programs)
{
	assert_int_equal(elf_plan_make("#!/bin/sh\n", 10, &plan, message, sizeof(message)), -ENOEXEC);
	assert_string_equal(message, "not a 64-bit little-endian ELF file for x86-64");
	image_build(&m);
	m.h.type = 1;
	expect_refusal(-ENOEXEC, "type 1 is no program");
	image_build(&m);
	m.h.phnum = 0;
	expect_refusal(-ENOEXEC, "0 program headers");
	image_build(&m);
	m.ph[PH_RO].type = m.ph[PH_TEXT].type = m.ph[PH_DATA].type = 0;
	expect_refusal(-ENOEXEC, "no segment to load");
}

TEST_MAIN
