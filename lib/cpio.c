/* pure */
/* cpio.c: the newc reader of cpio.h. A header is 6 bytes of magic and 13 fields of 8 hexadecimal digits. */
#include "lib/cpio.h"

#include <stdbool.h>

#include "lib/errno.h"
#include "lib/str.h"

#define MAGIC_SIZE  6
#define FIELD_SIZE  8
#define FIELDS      13
#define HEADER_SIZE (MAGIC_SIZE + FIELDS * FIELD_SIZE)
#define TRAILER     "TRAILER!!!"
_Static_assert(HEADER_SIZE == 110, "buffer-format.rst: the header is 110 bytes");

/* Fields in their order in the header. */
enum field {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILESIZE,
	DEV_MAJOR,
	DEV_MINOR,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAMESIZE,
	CHECK,
};

void cpio_open(struct cpio *c, const void *image, size_t size)
{
	c->image = image;
	c->size = size;
	c->offset = 0;
}

static bool parse_field(const uint8_t *at, uint32_t *ret)
{
	uint32_t v = 0;

	for (int i = 0; i < FIELD_SIZE; i++) {
		uint8_t c = at[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (uint32_t)(c - 'A' + 10);
		else
			return false;
	}
	*ret = v;
	return true;
}

/* Advances *OFFSET by N bytes and to a multiple of 4; false if that is outside the image. */
static bool advance(const struct cpio *c, size_t *offset, size_t n)
{
	size_t padding;

	if (*offset > c->size || n > c->size - *offset)
		return false;
	*offset += n;
	/* The very last padding may be missing. */
	padding = -*offset & 3;
	*offset += padding < c->size - *offset ? padding : c->size - *offset;
	return true;
}

static bool only_zeros(const struct cpio *c)
{
	for (size_t i = c->offset; i < c->size; i++) {
		if (c->image[i])
			return false;
	}
	return true;
}

static bool sum_matches(const uint8_t *data, size_t n, uint32_t check)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += data[i];
	return sum == check;
}

int cpio_next(struct cpio *c, struct cpio_entry *ret)
{
	const uint8_t *header = c->image + c->offset;
	size_t offset = c->offset;
	size_t name_at, data_at;
	uint32_t f[FIELDS];
	const char *name;
	bool with_check;

	if (c->size - c->offset < HEADER_SIZE)
		return only_zeros(c) ? 0 : -EBADMSG;
	if (memcmp(header, "07070", MAGIC_SIZE - 1) != 0 || (header[5] != '1' && header[5] != '2'))
		return -EBADMSG;
	with_check = header[5] == '2';
	for (int i = 0; i < FIELDS; i++) {
		if (!parse_field(header + MAGIC_SIZE + i * FIELD_SIZE, &f[i]))
			return -EBADMSG;
	}

	/* The name's padding counts from the header's start, which is aligned, so the offset in the image serves. */
	name_at = offset + HEADER_SIZE;
	offset = name_at;
	if (f[NAMESIZE] < 2 || !advance(c, &offset, f[NAMESIZE]))
		return -EBADMSG;
	name = (const char *)c->image + name_at;
	for (uint32_t i = 0; i < f[NAMESIZE]; i++) {
		if ((name[i] == '\0') != (i == f[NAMESIZE] - 1))
			return -EBADMSG;
	}
	if (strcmp(name, TRAILER) == 0)
		return 0;
	data_at = offset;
	if (!advance(c, &offset, f[FILESIZE]))
		return -EBADMSG;
	if (with_check && !sum_matches(c->image + data_at, f[FILESIZE], f[CHECK]))
		return -EBADMSG;

	*ret = (struct cpio_entry){
		.name = name,
		.mode = f[MODE],
		.uid = f[UID],
		.gid = f[GID],
		.mtime = f[MTIME],
		.nlink = f[NLINK],
		.ino = f[INO],
		.dev_major = f[DEV_MAJOR],
		.dev_minor = f[DEV_MINOR],
		.rdev_major = f[RDEV_MAJOR],
		.rdev_minor = f[RDEV_MINOR],
		.data = c->image + data_at,
		.data_size = f[FILESIZE],
	};
	c->offset = offset;
	return 1;
}
