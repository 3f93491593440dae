/* test_symidx.c: what lib/symidx.h promises, on an index built here and on damaged copies of it. */
#include "lib/symidx.h"

#include "lib/errno.h"
#include "lib/hash.h"
#include "tests/unit/test.h"

#define BASE 0x40100000

static const struct {
	uint32_t offset, size;
	uint8_t type, flags;
	const char *name;
} symbols[] = {
	{ 0, 0, SYMIDX_LABEL, SYMIDX_KERNEL, "entry" },
	{ 0x100, 0x40, SYMIDX_FUNCTION, 0, "main" },
	{ 0x200, 0x100, SYMIDX_FUNCTION, SYMIDX_LOCAL, "helper" },
	{ 0x240, 0x10, SYMIDX_FUNCTION, SYMIDX_LOCAL, "inner" },
	{ 0x400, 0x10, SYMIDX_FUNCTION, SYMIDX_LOCAL, "helper" },
	{ 0x500, 8, SYMIDX_OBJECT, SYMIDX_LOCAL, "globalDb" },
	{ 0x600, 8, SYMIDX_OBJECT, SYMIDX_LOCAL, "both" },
	{ 0x700, 8, SYMIDX_OBJECT, SYMIDX_LOCAL, "alias_local" },
	{ 0x700, 8, SYMIDX_OBJECT, 0, "both" },
	{ 0x800, 0x10, SYMIDX_FUNCTION, SYMIDX_LOCAL | SYMIDX_KERNEL, "globalDb" },
};
#define COUNT (sizeof(symbols) / sizeof(symbols[0]))

static struct {
	struct symidx_header h;
	struct symidx_record r[COUNT];
	struct symidx_hash n[COUNT];
	char strings[128];
} file;

static int read_file(void *ctx, uint64_t offset, void *buf, size_t n)
{
	assert_ptr_equal(ctx, &file);
	assert_true(offset <= sizeof(file) && n <= sizeof(file) - offset);
	memcpy(buf, (uint8_t *)&file + offset, n);
	return 0;
}

static int by_hash(const void *a, const void *b)
{
	const struct symidx_hash *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static void build(void)
{
	size_t at = 0;

	memset(&file, 0, sizeof(file));
	memcpy(file.h.magic, SYMIDX_MAGIC, 8);
	file.h.version = SYMIDX_VERSION;
	file.h.count = COUNT;
	file.h.strings_size = sizeof(file.strings);
	file.h.base = BASE;
	file.h.build_id_size = 4;
	memcpy(file.h.build_id, "\1\2\3\4", 4);
	for (uint32_t i = 0; i < COUNT; i++) {
		file.r[i] = (struct symidx_record){ symbols[i].offset, symbols[i].size, (uint32_t)at, symbols[i].type,
						    symbols[i].flags, 0 };
		file.n[i] = (struct symidx_hash){ hash_string(symbols[i].name), i };
		strcpy(file.strings + at, symbols[i].name);
		at += strlen(symbols[i].name) + 1;
	}
	qsort(file.n, COUNT, sizeof(file.n[0]), by_hash);
}

static struct symidx index_;

static void open_good(void)
{
	build();
	assert_int_equal(symidx_open(&index_, read_file, &file, sizeof(file)), 0);
}

TEST(symidx_finds_a_global_and_a_unique_file_local_symbol_by_name)
{
	struct symidx_symbol s;
	uint32_t n = 0;

	open_good();
	assert_int_equal(symidx_by_name(&index_, "main", &s, NULL), 0);
	assert_int_equal(s.address, BASE + 0x100);
	assert_int_equal(s.type, SYMIDX_FUNCTION);
	assert_int_equal(symidx_by_name(&index_, "globalDb", &s, &n), 0);
	assert_int_equal(s.address, BASE + 0x500);
	assert_int_equal(s.size, 8);
	assert_int_equal(n, 1);
}

TEST(symidx_prefers_the_global_symbol_and_refuses_to_choose_among_locals)
{
	struct symidx_symbol s = { .address = 7 };
	uint32_t n = 0;

	open_good();
	assert_int_equal(symidx_by_name(&index_, "helper", &s, &n), -EEXIST);
	assert_int_equal(n, 2);
	assert_int_equal(s.address, 7);
	assert_int_equal(symidx_by_name(&index_, "both", &s, &n), 0);
	assert_int_equal(s.address, BASE + 0x700);
	assert_int_equal(n, 2);
}

TEST(symidx_hides_the_kernel_from_names_but_not_from_addresses)
{
	struct symidx_symbol s;
	uint64_t offset;

	open_good();
	assert_int_equal(symidx_by_name(&index_, "entry", &s, NULL), -ENOENT);
	assert_int_equal(symidx_by_name(&index_, "nobody", &s, NULL), -ENOENT);
	assert_int_equal(symidx_by_addr(&index_, BASE + 0x80, &s, &offset), 0);
	assert_string_equal(s.name, "entry");
	assert_int_equal(offset, 0x80);
}

TEST(symidx_finds_the_innermost_symbol_around_an_address)
{
	struct symidx_symbol s;
	uint64_t offset;

	open_good();
	assert_int_equal(symidx_by_addr(&index_, BASE + 0x13f, &s, &offset), 0);
	assert_string_equal(s.name, "main");
	assert_int_equal(offset, 0x3f);
	assert_int_equal(symidx_by_addr(&index_, BASE + 0x140, &s, &offset), -ENOENT);
	assert_int_equal(symidx_by_addr(&index_, BASE + 0x245, &s, &offset), 0);
	assert_string_equal(s.name, "inner");
	assert_int_equal(symidx_by_addr(&index_, BASE + 0x260, &s, &offset), 0);
	assert_string_equal(s.name, "helper");
	assert_int_equal(offset, 0x60);
	assert_int_equal(symidx_by_addr(&index_, BASE + 0x700, &s, &offset), 0);
	assert_string_equal(s.name, "both"); /* not its local alias */
	assert_int_equal(symidx_by_addr(&index_, BASE - 1, &s, &offset), -ENOENT);
	assert_int_equal(symidx_by_addr(&index_, UINT64_MAX, &s, &offset), -ENOENT);
}

static int count_one(void *ctx, const struct symidx_symbol *s)
{
	++*(int *)ctx;
	return strcmp(s->name, "inner") == 0 ? 42 : 0;
}

TEST(symidx_foreach_matches_patterns_and_stops_when_told)
{
	int n = 0;

	open_good();
	assert_int_equal(symidx_foreach(&index_, "helper", count_one, &n), 0);
	assert_int_equal(n, 2);
	n = 0;
	assert_int_equal(symidx_foreach(&index_, "*", count_one, &n), 42);
	assert_int_equal(n, 4);
}

TEST(symidx_patterns_know_star_and_question_mark)
{
	assert_true(symidx_glob("sqlite3_*", "sqlite3_open"));
	assert_true(symidx_glob("*open*", "sqlite3_open"));
	assert_true(symidx_glob("a*b*c", "aXbXbYc"));
	assert_true(symidx_glob("m?in", "main"));
	assert_true(symidx_glob("*", ""));
	assert_false(symidx_glob("m?in", "min"));
	assert_false(symidx_glob("main", "main2"));
	assert_false(symidx_glob("*b", "abc"));
	assert_false(symidx_glob("", "a"));
}

TEST(symidx_build_id_tells_whether_the_index_fits)
{
	open_good();
	assert_true(symidx_matches(&index_, "\1\2\3\4", 4));
	assert_false(symidx_matches(&index_, "\1\2\3\5", 4));
	assert_false(symidx_matches(&index_, "\1\2\3", 3));
	assert_false(symidx_matches(&index_, "", 0));
}

TEST(symidx_refuses_a_file_whose_size_does_not_match_its_counts)
{
	build();
	assert_int_equal(symidx_open(&index_, read_file, &file, sizeof(file) - 1), -EBADMSG);
	assert_int_equal(symidx_open(&index_, read_file, &file, 10), -EBADMSG);
	file.h.count = UINT32_MAX;
	assert_int_equal(symidx_open(&index_, read_file, &file, sizeof(file)), -EBADMSG);
	build();
	file.h.version++;
	assert_int_equal(symidx_open(&index_, read_file, &file, sizeof(file)), -EBADMSG);
	build();
	file.h.build_id_size = SYMIDX_ID_MAX + 1;
	assert_int_equal(symidx_open(&index_, read_file, &file, sizeof(file)), -EBADMSG);
}

static int ignore(void *ctx, const struct symidx_symbol *s)
{
	(void)ctx;
	(void)s;
	return 0;
}

TEST(symidx_survives_any_single_damaged_byte)
{
	struct symidx_symbol s;
	uint64_t offset;

	/* read_file() asserts that nothing outside the file is asked for. */
	for (size_t i = 0; i < sizeof(file); i++) {
		build();
		((uint8_t *)&file)[i] ^= 0xff;
		if (symidx_open(&index_, read_file, &file, sizeof(file)) < 0)
			continue;
		for (size_t k = 0; k < COUNT; k++) {
			symidx_by_name(&index_, symbols[k].name, &s, NULL);
			symidx_by_addr(&index_, BASE + symbols[k].offset + 1, &s, &offset);
		}
		symidx_foreach(&index_, "*", ignore, NULL);
	}
}

TEST(symidx_reports_damaged_records_as_bad)
{
	struct symidx_symbol s;

	open_good();
	file.r[0].name = sizeof(file.strings);
	assert_int_equal(symidx_at(&index_, 0, &s), -EBADMSG);
	file.n[0].record = COUNT;
	for (uint32_t i = 0; i < COUNT; i++)
		file.n[i] = (struct symidx_hash){ hash_string("main"), COUNT };
	assert_int_equal(symidx_by_name(&index_, "main", &s, NULL), -EBADMSG);
	assert_int_equal(symidx_at(&index_, COUNT, &s), -ENOENT);
}

TEST_MAIN
