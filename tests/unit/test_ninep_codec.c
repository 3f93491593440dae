/* test_ninep_codec.c: requests and replies of 9P2000.L. */
#include "fs/ninep_codec.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

TEST(ninep_request_is_sized_and_little_endian)
{
	static const uint8_t expect[] = {19, 0, 0, 0, P9_TWALK, 0x34, 0x12, 1, 0, 0, 0, 1, 0, 4, 0, 'n', 'a', 'm', 'e'};
	uint8_t buf[32];
	struct p9_out o;

	p9_out_begin(&o, buf, sizeof(buf), P9_TWALK, 0x1234);
	p9_out_u32(&o, 1);
	p9_out_u16(&o, 1);
	p9_out_str(&o, "name");
	assert_int_equal(p9_out_end(&o, 0), 0);
	assert_int_equal(o.len, sizeof(expect));
	assert_memory_equal(buf, expect, sizeof(expect));
}

TEST(ninep_request_counts_the_payload_that_follows)
{
	uint8_t buf[32];
	struct p9_out o;

	p9_out_begin(&o, buf, sizeof(buf), P9_TWRITE, 1);
	p9_out_u32(&o, 7);
	p9_out_u64(&o, 0);
	p9_out_u32(&o, 256);
	assert_int_equal(p9_out_end(&o, 256), 0);
	assert_int_equal(o.len, P9_WRITE_HEADER);
	assert_int_equal(buf[0] | buf[1] << 8, P9_WRITE_HEADER + 256);
}

TEST(ninep_request_that_does_not_fit_is_refused)
{
	uint8_t buf[12];
	struct p9_out o;

	p9_out_begin(&o, buf, sizeof(buf), P9_TWALK, 1);
	p9_out_str(&o, "name");
	assert_int_equal(p9_out_end(&o, 0), -E2BIG);
	p9_out_begin(&o, buf, 3, P9_TWALK, 1);
	assert_int_equal(p9_out_end(&o, 0), -E2BIG);
}

/* A reply of LEN bytes with its header filled in. */
static void header(uint8_t *buf, size_t len, uint8_t type, uint16_t tag)
{
	memset(buf, 0, len);
	buf[0] = (uint8_t)len;
	buf[1] = (uint8_t)(len >> 8);
	buf[4] = type;
	buf[5] = (uint8_t)tag;
	buf[6] = (uint8_t)(tag >> 8);
}

TEST(ninep_reply_must_have_the_right_size_type_and_tag)
{
	uint8_t buf[16];
	struct p9_in i;

	header(buf, 7, P9_TCLUNK + 1, 5);
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), 7, P9_TCLUNK, 5), 0);
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), 7, P9_TCLUNK, 6), -EBADMSG);
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), 7, P9_TWALK, 5), -EBADMSG);
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), 8, P9_TCLUNK, 5), -EBADMSG);
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), 6, P9_TCLUNK, 5), -EBADMSG);
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), 0, P9_TCLUNK, 5), -EBADMSG);
}

TEST(ninep_error_becomes_an_errno_and_a_strange_one_EIO)
{
	uint8_t buf[11];
	struct p9_in i;

	header(buf, 11, P9_RLERROR, 1);
	buf[7] = ENOENT;
	assert_int_equal(p9_in_begin(&i, buf, 11, 11, P9_TWALK, 1), -ENOENT);
	buf[7] = 0;
	assert_int_equal(p9_in_begin(&i, buf, 11, 11, P9_TWALK, 1), -EIO);
	buf[9] = 1;
	assert_int_equal(p9_in_begin(&i, buf, 11, 11, P9_TWALK, 1), -EIO);
	header(buf, 9, P9_RLERROR, 1);
	assert_int_equal(p9_in_begin(&i, buf, 9, 9, P9_TWALK, 1), -EBADMSG);
}

TEST(ninep_string_longer_than_the_reply_is_bad)
{
	uint8_t buf[12];
	struct p9_in i;
	uint16_t len;

	header(buf, 12, P9_TREADLINK + 1, 1);
	buf[7] = 3;
	assert_int_equal(p9_in_begin(&i, buf, 12, 12, P9_TREADLINK, 1), 0);
	assert_non_null(p9_in_str(&i, &len));
	assert_int_equal(len, 3);
	assert_int_equal(p9_in_end(&i), 0);
	buf[7] = 4;
	assert_int_equal(p9_in_begin(&i, buf, 12, 12, P9_TREADLINK, 1), 0);
	assert_null(p9_in_str(&i, &len));
	assert_int_equal(p9_in_end(&i), -EBADMSG);
}

TEST(ninep_attributes_of_a_short_reply_are_bad)
{
	uint8_t buf[160];
	struct p9_attr a;
	struct p9_in i;

	header(buf, 160, P9_TGETATTR + 1, 1);
	buf[7 + 8 + 13] = 0xa4;
	buf[7 + 8 + 13 + 1] = 0x81;
	assert_int_equal(p9_in_begin(&i, buf, 160, 160, P9_TGETATTR, 1), 0);
	p9_in_attr(&i, &a);
	assert_int_equal(p9_in_end(&i), 0);
	assert_int_equal(a.mode, 0100644);
	header(buf, 159, P9_TGETATTR + 1, 1);
	assert_int_equal(p9_in_begin(&i, buf, 160, 159, P9_TGETATTR, 1), 0);
	p9_in_attr(&i, &a);
	assert_int_equal(p9_in_end(&i), -EBADMSG);
}

/* An entry with NAME at AT; returns its end. */
static size_t entry(uint8_t *buf, size_t at, const char *name, uint64_t offset)
{
	size_t len = strlen(name);

	memset(buf + at, 0, 24);
	buf[at + 13] = (uint8_t)offset;
	buf[at + 21] = 8;
	buf[at + 22] = (uint8_t)len;
	memcpy(buf + at + 24, name, len);
	return at + 24 + len;
}

TEST(ninep_directory_entries_come_in_order_and_names_with_a_slash_are_refused)
{
	uint8_t buf[128];
	struct p9_dirent d;
	struct p9_in i;
	size_t end;

	header(buf, sizeof(buf), P9_TREADDIR + 1, 1);
	end = entry(buf, entry(buf, 7, "one", 1), "three", 2);
	buf[0] = (uint8_t)end;
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), end, P9_TREADDIR, 1), 0);
	assert_true(p9_in_dirent(&i, &d));
	assert_int_equal(d.len, 3);
	assert_memory_equal(d.name, "one", 3);
	assert_int_equal(d.offset, 1);
	assert_int_equal(d.type, 8);
	assert_true(p9_in_dirent(&i, &d));
	assert_memory_equal(d.name, "three", 5);
	assert_false(p9_in_dirent(&i, &d));
	assert_int_equal(p9_in_end(&i), 0);

	end = entry(buf, 7, "../up", 1);
	buf[0] = (uint8_t)end;
	assert_int_equal(p9_in_begin(&i, buf, sizeof(buf), end, P9_TREADDIR, 1), 0);
	assert_false(p9_in_dirent(&i, &d));
	assert_int_equal(p9_in_end(&i), -EBADMSG);
}

TEST_MAIN
