/* test_elf.c: what lib/elf.h promises, on this very test program and on broken copies of small images. */
#include "lib/elf.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static uint8_t *self;
static size_t self_size;

static void read_self(void)
{
	FILE *f = fopen("/proc/self/exe", "rb");

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	self_size = (size_t)ftell(f);
	rewind(f);
	free(self);
	self = malloc(self_size);
	assert_int_equal(fread(self, 1, self_size, f), self_size);
	fclose(f);
}

int elf_test_marker = 4711;

TEST(elf_finds_symbols_strings_and_the_dynamic_section_of_a_real_program)
{
	struct elf e;
	struct elf_shdr sh, strings;
	struct elf_sym sym;
	struct elf_dyn d;
	uint64_t value, offset;
	bool found = false;
	unsigned i;

	read_self();
	assert_int_equal(elf_open(&e, self, self_size), 0);
	assert_int_equal(elf_dyn(&e, 0, &d), 0);
	assert_int_equal(elf_dyn_find(&e, ELF_DT_STRTAB, &value), 0);
	assert_int_equal(elf_offset_of(&e, value, 1, &offset), 0);
	assert_int_equal(elf_dyn_find(&e, 0x12345, &value), -ENOENT);
	for (i = 0; elf_shdr(&e, i, &sh) == 0 && sh.type != ELF_SHT_SYMTAB; i++)
		;
	assert_int_equal(sh.type, ELF_SHT_SYMTAB);
	assert_int_equal(elf_shdr(&e, sh.link, &strings), 0);
	for (uint32_t n = 0; elf_sym_at(&e, sh.offset, sh.size, n, &sym) == 0; n++) {
		const char *name = elf_string_at(&e, strings.offset, strings.size, sym.name);

		assert_non_null(name);
		if (strcmp(name, "elf_test_marker") != 0)
			continue;
		found = true;
		assert_int_equal(elf_offset_of(&e, sym.value, sym.size, &offset), 0);
		assert_memory_equal(elf_bytes(&e, offset, 4), &elf_test_marker, 4);
	}
	assert_true(found);
}

TEST(elf_refuses_what_is_no_x86_64_elf)
{
	uint8_t h[64];
	struct elf e;

	read_self();
	memcpy(h, self, 64);
	assert_int_equal(elf_open(&e, h, 63), -ENOEXEC);
	assert_int_equal(elf_open(&e, h, 64), -EBADMSG); /* the program headers are cut off */
	h[4] = 1;
	assert_int_equal(elf_open(&e, h, 64), -ENOEXEC);
	memcpy(h, self, 64);
	h[18] = 183; /* another machine */
	assert_int_equal(elf_open(&e, h, 64), -ENOEXEC);
	assert_int_equal(elf_open(&e, "#!/bin/sh\n", 10), -ENOEXEC);
}

TEST(elf_accessors_refuse_ranges_that_leave_the_file_or_wrap)
{
	struct elf e;
	struct elf_sym sym;

	read_self();
	assert_int_equal(elf_open(&e, self, self_size), 0);
	assert_non_null(elf_bytes(&e, self_size, 0));
	assert_null(elf_bytes(&e, self_size, 1));
	assert_null(elf_bytes(&e, UINT64_MAX, 2));
	assert_null(elf_bytes(&e, 1, UINT64_MAX));
	assert_int_equal(elf_sym_at(&e, UINT64_MAX - 8, UINT64_MAX, 1, &sym), -EBADMSG);
	assert_int_equal(elf_sym_at(&e, 0, 47, 1, &sym), -EBADMSG);
	assert_null(elf_string_at(&e, 0, 4, 4));
	assert_null(elf_string_at(&e, 0, 4, 0)); /* 7f E L F: no NUL in sight */
	assert_null(elf_string_at(&e, 0, UINT64_MAX, 0));
}

TEST(elf_build_id_is_found_behind_other_notes_and_damaged_notes_are_survived)
{
	struct {
		struct elf_header h;
		struct elf_phdr p;
		uint32_t notes[16];
	} f;
	const uint8_t *id;
	struct elf e;
	size_t len;

	memset(&f, 0, sizeof(f));
	memcpy(f.h.ident, "\177ELF\2\1\1", 7);
	f.h.machine = ELF_MACHINE_X86_64;
	f.h.phoff = 64;
	f.h.phnum = 1;
	f.h.phentsize = 56;
	f.p = (struct elf_phdr){ .type = ELF_PT_NOTE, .offset = 120, .filesz = 44 };
	memcpy(f.notes, (uint32_t[]){ 4, 4, 1, 0x00554e47, 7, 4, 6, 3, 0x00554e47, 0x44332211, 0x6655 }, 44);
	assert_int_equal(elf_open(&e, &f, sizeof(f)), 0);
	assert_int_equal(elf_build_id(&e, &id, &len), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(id, "\x11\x22\x33\x44\x55\x66", 6);
	f.notes[0] = UINT32_MAX;
	assert_int_equal(elf_build_id(&e, &id, &len), -ENOENT);
	f.notes[0] = 4;
	f.notes[6] = 1000;
	assert_int_equal(elf_build_id(&e, &id, &len), -ENOENT);
	f.p.offset = UINT64_MAX;
	assert_int_equal(elf_build_id(&e, &id, &len), -ENOENT);
}

TEST_MAIN
