/* test_cfi.c: DWARF's call frame information as rules (lib/cfi.h), and the table of them (lib/unwind_table.h). */
#include "tests/unit/test.h"

#include "lib/cfi.h"
#include "lib/errno.h"

/* A .debug_frame: one CIE as gcc makes it, one FDE with the instructions given. */
struct section {
	uint8_t bytes[256];
	size_t size;
};

static void put(struct section *s, const void *bytes, size_t n)
{
	memcpy(s->bytes + s->size, bytes, n);
	s->size += n;
}

static void put_u32(struct section *s, uint32_t v)
{
	put(s, &v, 4);
}

static void put_u64(struct section *s, uint64_t v)
{
	put(s, &v, 8);
}

/* DW_CFA_def_cfa rsp+8, DW_CFA_offset ra at CFA-8. */
static void put_cie(struct section *s)
{
	static const uint8_t cie[] = {1, 0, 1, 0x78, 16, 0x0c, 7, 8, 0x90, 1, 0, 0};

	put_u32(s, 4 + sizeof(cie));
	put_u32(s, UINT32_MAX);
	put(s, cie, sizeof(cie));
}

static void put_fde(struct section *s, uint64_t from, uint64_t length, const void *code, size_t n)
{
	put_u32(s, (uint32_t)(20 + n));
	put_u32(s, 0);
	put_u64(s, from);
	put_u64(s, length);
	put(s, code, n);
}

struct rows {
	unsigned count;
	struct {
		uint64_t from, to;
		struct unwind_rule rule;
	} row[16];
};

static void on_row(void *context, uint64_t from, uint64_t to, const struct unwind_rule *rule)
{
	struct rows *r = context;

	assert_true(from < to);
	if (r->count < 16) {
		r->row[r->count].from = from;
		r->row[r->count].to = to;
		r->row[r->count].rule = *rule;
	}
	r->count++;
}

static int read_one(const void *code, size_t n, struct rows *rows)
{
	struct section s = {.size = 0};

	memset(rows, 0, sizeof(*rows));
	put_cie(&s);
	put_fde(&s, 0x1000, 0x100, code, n);
	return cfi_read(s.bytes, s.size, false, 0, on_row, rows);
}

TEST(cfi_follows_pushes)
{
	/* push rbp at 0; def_cfa_offset 16 from 1 on, rbp at CFA-16; def_cfa_register rbp from 4 on. */
	static const uint8_t code[] = {0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6};
	struct rows r;

	assert_int_equal(read_one(code, sizeof(code), &r), 1);
	assert_int_equal(r.count, 3);
	assert_int_equal(r.row[0].from, 0x1000);
	assert_int_equal(r.row[0].to, 0x1001);
	assert_int_equal(r.row[0].rule.reg, UNWIND_RSP);
	assert_int_equal(r.row[0].rule.offset, 8);
	assert_int_equal(r.row[0].rule.ra_at, -8);
	assert_int_equal(r.row[0].rule.rbp, UNWIND_RBP_SAME);
	assert_int_equal(r.row[1].rule.offset, 16);
	assert_int_equal(r.row[1].rule.rbp, UNWIND_RBP_AT_CFA);
	assert_int_equal(r.row[1].rule.rbp_at, -16);
	assert_int_equal(r.row[2].from, 0x1004);
	assert_int_equal(r.row[2].to, 0x1100);
	assert_int_equal(r.row[2].rule.reg, UNWIND_RBP);
	assert_int_equal(r.row[2].rule.offset, 16);
}

TEST(cfi_remembers_and_restores)
{
	/* advance 4, remember, def_cfa_offset 8; advance 1, restore state; advance 1, restore rbp */
	static const uint8_t code[] = {0x0e, 32, 0x86, 2, 0x44, 0x0a, 0x0e, 8, 0x41, 0x0b, 0x41, 0xc6};
	struct rows r;

	assert_int_equal(read_one(code, sizeof(code), &r), 1);
	assert_int_equal(r.count, 4);
	assert_int_equal(r.row[0].rule.offset, 32);
	assert_int_equal(r.row[1].rule.offset, 8);
	assert_int_equal(r.row[2].rule.offset, 32);
	assert_int_equal(r.row[2].rule.rbp, UNWIND_RBP_AT_CFA);
	assert_int_equal(r.row[3].rule.rbp, UNWIND_RBP_SAME);
}

TEST(cfi_knows_the_expressions_of_realigned_stacks)
{
	/* def_cfa_expression: breg6 -8, deref; expression r6: breg6 0 */
	static const uint8_t code[] = {0x0f, 3, 0x76, 0x78, 0x06, 0x10, 6, 2, 0x76, 0};
	struct rows r;

	assert_int_equal(read_one(code, sizeof(code), &r), 1);
	assert_int_equal(r.row[0].rule.kind, UNWIND_CFA_DEREF);
	assert_int_equal(r.row[0].rule.reg, UNWIND_RBP);
	assert_int_equal(r.row[0].rule.offset, -8);
	assert_int_equal(r.row[0].rule.rbp, UNWIND_RBP_AT_RBP);
}

TEST(cfi_tells_what_it_cannot_say)
{
	/* def_cfa_expression: lit0 */
	static const uint8_t code[] = {0x0f, 1, 0x30};
	/* undefined: the return address */
	static const uint8_t end[] = {0x07, 16};
	struct rows r;

	assert_int_equal(read_one(code, sizeof(code), &r), 1);
	assert_int_equal(r.row[0].rule.kind, UNWIND_UNKNOWN);
	assert_int_equal(read_one(end, sizeof(end), &r), 1);
	assert_int_equal(r.row[0].rule.kind, UNWIND_END);
}

TEST(cfi_refuses_broken_sections)
{
	static const uint8_t unknown[] = {0x3f}, short_block[] = {0x0f, 100}, no_state[] = {0x0b};
	struct section s = {.size = 0};
	struct rows r;

	assert_int_equal(read_one(unknown, sizeof(unknown), &r), -EBADMSG);
	assert_int_equal(read_one(short_block, sizeof(short_block), &r), -EBADMSG);
	assert_int_equal(read_one(no_state, sizeof(no_state), &r), -EBADMSG);
	put_cie(&s);
	assert_int_equal(cfi_read(s.bytes, s.size - 1, false, 0, on_row, &r), -EBADMSG);
	assert_int_equal(cfi_read(s.bytes, 2, false, 0, on_row, &r), -EBADMSG);
	/* An FDE whose CIE is itself, and one whose CIE lies elsewhere. */
	s.size = 0;
	put_fde(&s, 0x1000, 1, "", 0);
	assert_int_equal(cfi_read(s.bytes, s.size, false, 0, on_row, &r), -EBADMSG);
	s.bytes[4] = 200;
	assert_int_equal(cfi_read(s.bytes, s.size, false, 0, on_row, &r), -EBADMSG);
	/* In .eh_frame, one whose CIE would lie a byte before the section. */
	s.bytes[4] = 5;
	assert_int_equal(cfi_read(s.bytes, s.size, true, 0, on_row, &r), -EBADMSG);
}

TEST(cfi_reads_eh_frame)
{
	/* CIE "zR" with addresses relative to themselves, 4 bytes; one FDE; an end mark. */
	static const uint8_t cie[] = {1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0};
	struct section s = {.size = 0};
	struct rows r = {.count = 0};

	put_u32(&s, 4 + sizeof(cie));
	put_u32(&s, 0);
	put(&s, cie, sizeof(cie));
	put_u32(&s, 4 + 4 + 4 + 4);
	put_u32(&s, (uint32_t)s.size);
	put_u32(&s, 0x500);
	put_u32(&s, 0x20);
	put(&s, "\0\0\0", 4);
	put_u32(&s, 0);
	assert_int_equal(cfi_read(s.bytes, s.size, true, 0x40000000, on_row, &r), 1);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.row[0].from, 0x40000000 + 4 + 4 + sizeof(cie) + 8 + 0x500);
	assert_int_equal(r.row[0].to - r.row[0].from, 0x20);
}

struct table {
	struct unwind_header h;
	struct unwind_block block[3];
	struct unwind_rule rule[3];
	struct unwind_row row[4];
};

static const struct table good = {
	.h = {.magic = UNWIND_MAGIC, .version = UNWIND_VERSION, .block_count = 2, .rule_count = 3, .row_count = 4},
	.block = {{0x4010, 0}, {0x4012, 3}, {UINT32_MAX, 4}},
	.rule = {{.kind = UNWIND_UNKNOWN}, {.kind = UNWIND_CFA, .reg = 7, .offset = 8}, {.kind = UNWIND_END}},
	.row = {{0x10, 1}, {0x20, 2}, {0x30, 0}, {0x0, 1}},
};

TEST(unwind_table_finds_the_row_before)
{
	struct unwind_table t;

	assert_int_equal(sizeof(good), 24 + 3 * 8 + 3 * 16 + 4 * 4);
	assert_int_equal(unwind_table_open(&good, sizeof(good), &t), 0);
	assert_int_equal(unwind_table_find(&t, 0x4010000f)->kind, UNWIND_UNKNOWN);
	assert_int_equal(unwind_table_find(&t, 0x40100010)->kind, UNWIND_CFA);
	assert_int_equal(unwind_table_find(&t, 0x4010001f)->kind, UNWIND_CFA);
	assert_int_equal(unwind_table_find(&t, 0x40100020)->kind, UNWIND_END);
	assert_int_equal(unwind_table_find(&t, 0x40100030)->kind, UNWIND_UNKNOWN);
	assert_int_equal(unwind_table_find(&t, 0x4010ffff)->kind, UNWIND_UNKNOWN);
	assert_int_equal(unwind_table_find(&t, 0x40110000)->kind, UNWIND_UNKNOWN);
	assert_int_equal(unwind_table_find(&t, 0x4012ffff)->kind, UNWIND_CFA);
	assert_int_equal(unwind_table_find(&t, 0)->kind, UNWIND_UNKNOWN);
	assert_int_equal(unwind_table_find(&t, UINT64_MAX)->kind, UNWIND_UNKNOWN);
	assert_int_equal(unwind_table_find(&t, 0x100000000000 + 0x40100010)->kind, UNWIND_UNKNOWN);
}

static int open_with(void (*spoil)(struct table *))
{
	struct table t = good;
	struct unwind_table view;

	spoil(&t);
	return unwind_table_open(&t, sizeof(t), &view);
}

static void spoil_magic(struct table *t) { t->h.magic[0] ^= 1; }
static void spoil_count(struct table *t) { t->h.row_count = UINT32_MAX; }
static void spoil_blocks(struct table *t) { t->h.block_count = 0; }
static void spoil_order(struct table *t) { t->block[1].number = 0x4010; }
static void spoil_first(struct table *t) { t->block[1].first = 5; }
static void spoil_start(struct table *t) { t->block[0].first = 1; }
static void spoil_end(struct table *t) { t->block[2].first = 3; }
static void spoil_row(struct table *t) { t->row[1].at = 0x10; }
static void spoil_rule(struct table *t) { t->row[2].rule = 3; }
static void spoil_reg(struct table *t) { t->rule[1].reg = 16; }
static void spoil_kind(struct table *t) { t->rule[1].kind = 4; }
static void spoil_rbp(struct table *t) { t->rule[1].rbp = 3; }
static void spoil_unknown(struct table *t) { t->rule[0].kind = UNWIND_END; }

TEST(unwind_table_refuses_broken_ones)
{
	static void (*const all[])(struct table *) = {spoil_magic, spoil_count, spoil_blocks, spoil_order, spoil_first,
						      spoil_start, spoil_end,	spoil_row,    spoil_rule,  spoil_reg,
						      spoil_kind,  spoil_rbp,	spoil_unknown};
	struct unwind_table view;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_int_equal(open_with(all[i]), -EBADMSG);
	assert_int_equal(unwind_table_open(&good, sizeof(good) - 1, &view), -EBADMSG);
	assert_int_equal(unwind_table_open(&good, 3, &view), -EBADMSG);
}

TEST_MAIN
