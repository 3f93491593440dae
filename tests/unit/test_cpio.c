/* test_cpio.c: what lib/cpio.h promises. */
#include "lib/cpio.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static char image[4096];
static size_t image_size;

static void pad(void)
{
	while (image_size % 4)
		image[image_size++] = '\0';
}

static void add(const char *name, unsigned mode, const char *data)
{
	image_size += (size_t)sprintf(image + image_size,
				      "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 7, mode, 1, 2, 1,
				      1700000000, strlen(data), 8, 1, 4, 64, strlen(name) + 1, 0);
	image_size += (size_t)sprintf(image + image_size, "%s", name) + 1;
	pad();
	memcpy(image + image_size, data, strlen(data));
	image_size += strlen(data);
	pad();
}

/* An image on the heap, exactly as long as SIZE, so that ASan sees the first byte beyond it. */
static int walk(size_t size, int *ret_entries)
{
	void *copy = malloc(size ? size : 1);
	struct cpio_entry e;
	struct cpio c;
	int r;

	memcpy(copy, image, size);
	cpio_open(&c, copy, size);
	*ret_entries = 0;
	while ((r = cpio_next(&c, &e)) > 0)
		++*ret_entries;
	free(copy);
	return r;
}

static void build(void)
{
	memset(image, 0, sizeof(image));
	image_size = 0;
	add("bin", 0040755, "");
	add("bin/hello", 0100755, "#!/bin/sh\n");
	add("dev/ttyS0", 0020600, "");
	add("TRAILER!!!", 0, "");
}

TEST(cpio_hands_out_names_modes_and_data_in_order)
{
	struct cpio_entry e;
	struct cpio c;

	build();
	cpio_open(&c, image, image_size);
	assert_int_equal(cpio_next(&c, &e), 1);
	assert_string_equal(e.name, "bin");
	assert_int_equal(e.mode, 0040755);
	assert_int_equal(cpio_next(&c, &e), 1);
	assert_string_equal(e.name, "bin/hello");
	assert_int_equal(e.data_size, 10);
	assert_memory_equal(e.data, "#!/bin/sh\n", 10);
	assert_int_equal(e.ino, 7);
	assert_int_equal(e.uid, 1);
	assert_int_equal(e.gid, 2);
	assert_int_equal(e.nlink, 1);
	assert_int_equal(e.mtime, 1700000000);
	assert_int_equal(cpio_next(&c, &e), 1);
	assert_int_equal(e.rdev_major, 4);
	assert_int_equal(e.rdev_minor, 64);
	assert_int_equal(e.dev_major, 8);
	assert_int_equal(cpio_next(&c, &e), 0);
	assert_int_equal(cpio_next(&c, &e), 0);
}

TEST(cpio_reads_a_truncated_archive_up_to_the_cut_and_nothing_beyond)
{
	int entries;

	build();
	assert_int_equal(walk(0, &entries), 0);
	for (size_t size = 1; size < image_size - 4; size++) {
		int r = walk(size, &entries);

		assert_true(r == 0 || r == -EBADMSG);
		assert_true(entries <= 3);
	}
	assert_int_equal(walk(image_size, &entries), 0);
	assert_int_equal(entries, 3);
}

TEST(cpio_refuses_damaged_headers)
{
	int entries;

	build();
	image[0] = '1'; /* magic */
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
	build();
	image[20] = 'g'; /* no digit */
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
	build();
	memcpy(image + 94, "00000000", 8); /* no name */
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
	build();
	memcpy(image + 94, "ffffffff", 8); /* a name beyond the end */
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
	build();
	memcpy(image + 54, "fffffff0", 8); /* data beyond the end */
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
	build();
	image[111] = '\0'; /* a NUL inside the name */
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
}

TEST(cpio_verifies_the_checksum_of_the_crc_format)
{
	int entries;

	memset(image, 0, sizeof(image));
	image_size = 0;
	add("a", 0100644, "\1\2\3");
	image[5] = '2';
	memcpy(image + 102, "00000006", 8);
	add("TRAILER!!!", 0, "");
	assert_int_equal(walk(image_size, &entries), 0);
	assert_int_equal(entries, 1);
	memcpy(image + 102, "00000007", 8);
	assert_int_equal(walk(image_size, &entries), -EBADMSG);
}

TEST_MAIN
