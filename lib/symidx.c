/* pure */
/* symidx.c: the look-ups of symidx.h, by binary search over a file that is read record by record. */
#include "lib/symidx.h"

#include "lib/errno.h"
#include "lib/hash.h"
#include "lib/str.h"

#define REACH_WITHOUT_SIZE 65536u
#define LOOK_BACK          16 /* records before an address among which one may contain it */

static int read_record(const struct symidx *s, uint32_t i, struct symidx_record *ret)
{
	return s->read_at(s->ctx, sizeof(s->header) + (uint64_t)i * sizeof(*ret), ret, sizeof(*ret));
}

static int read_hash(const struct symidx *s, uint32_t i, struct symidx_hash *ret)
{
	return s->read_at(s->ctx, s->hashes_at + (uint64_t)i * sizeof(*ret), ret, sizeof(*ret));
}

int symidx_open(struct symidx *s, int (*read_at)(void *ctx, uint64_t offset, void *buf, size_t n), void *ctx,
		uint64_t file_size)
{
	struct symidx_header h;
	uint64_t records, hashes;
	int r;

	if (file_size < sizeof(h))
		return -EBADMSG;
	r = read_at(ctx, 0, &h, sizeof(h));
	if (r < 0)
		return r;
	/* 32-bit counts: the sums cannot wrap. */
	records = (uint64_t)h.count * sizeof(struct symidx_record);
	hashes = (uint64_t)h.count * sizeof(struct symidx_hash);
	if (memcmp(h.magic, SYMIDX_MAGIC, sizeof(h.magic)) != 0 || h.version != SYMIDX_VERSION ||
	    h.build_id_size > SYMIDX_ID_MAX || sizeof(h) + records + hashes + h.strings_size != file_size)
		return -EBADMSG;
	s->read_at = read_at;
	s->ctx = ctx;
	s->header = h;
	s->hashes_at = sizeof(h) + records;
	s->strings_at = s->hashes_at + hashes;
	return 0;
}

bool symidx_matches(const struct symidx *s, const void *build_id, size_t size)
{
	return size > 0 && size == s->header.build_id_size && memcmp(build_id, s->header.build_id, size) == 0;
}

static int read_name(const struct symidx *s, uint32_t at, char name[SYMIDX_NAME_MAX + 1])
{
	uint32_t n;
	int r;

	if (at >= s->header.strings_size)
		return -EBADMSG;
	n = s->header.strings_size - at;
	if (n > SYMIDX_NAME_MAX + 1)
		n = SYMIDX_NAME_MAX + 1;
	r = s->read_at(s->ctx, s->strings_at + at, name, n);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < n; i++) {
		if (name[i] == '\0')
			return i > 0 ? 0 : -EBADMSG;
	}
	return -EBADMSG;
}

static int complete(const struct symidx *s, const struct symidx_record *rec, struct symidx_symbol *ret)
{
	ret->address = s->header.base + rec->offset;
	ret->size = rec->size;
	ret->type = rec->type;
	ret->flags = rec->flags;
	return read_name(s, rec->name, ret->name);
}

int symidx_at(const struct symidx *s, uint32_t i, struct symidx_symbol *ret)
{
	struct symidx_record rec;
	int r;

	if (i >= s->header.count)
		return -ENOENT;
	r = read_record(s, i, &rec);
	return r < 0 ? r : complete(s, &rec, ret);
}

/* The first entry of the hash table whose hash is not below HASH. */
static int first_hash(const struct symidx *s, uint32_t hash, uint32_t *ret)
{
	uint32_t low = 0, high = s->header.count;
	struct symidx_hash h;
	int r;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		r = read_hash(s, middle, &h);
		if (r < 0)
			return r;
		if (h.hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return 0;
}

int symidx_by_name(const struct symidx *s, const char *name, struct symidx_symbol *ret, uint32_t *ret_count)
{
	uint32_t hash = hash_string(name);
	uint32_t globals = 0, locals = 0, found = 0;
	struct symidx_symbol symbol;
	struct symidx_hash h;
	uint32_t first;
	int r;

	r = first_hash(s, hash, &first);
	if (r < 0)
		return r;
	for (uint32_t i = first; i < s->header.count; i++) {
		r = read_hash(s, i, &h);
		if (r < 0)
			return r;
		if (h.hash != hash)
			break;
		if (h.record >= s->header.count || i - first >= SYMIDX_SCAN_MAX)
			return -EBADMSG;
		r = symidx_at(s, h.record, &symbol);
		if (r < 0)
			return r;
		if ((symbol.flags & SYMIDX_KERNEL) || strcmp(symbol.name, name) != 0)
			continue;
		if (!(symbol.flags & SYMIDX_LOCAL) || globals == 0)
			found = h.record;
		if (symbol.flags & SYMIDX_LOCAL)
			locals++;
		else
			globals++;
	}
	if (globals + locals == 0)
		return -ENOENT;
	if (globals != 1 && globals + locals != 1) {
		if (ret_count)
			*ret_count = globals + locals;
		return -EEXIST;
	}
	r = symidx_at(s, found, &symbol);
	if (r < 0)
		return r;
	*ret = symbol;
	if (ret_count)
		*ret_count = globals + locals;
	return 0;
}

/* The number of records that start at or below OFFSET. */
static int records_up_to(const struct symidx *s, uint64_t offset, uint32_t *ret)
{
	uint32_t low = 0, high = s->header.count;
	struct symidx_record rec;
	int r;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		r = read_record(s, middle, &rec);
		if (r < 0)
			return r;
		if (rec.offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return 0;
}

int symidx_by_addr(const struct symidx *s, uint64_t address, struct symidx_symbol *ret, uint64_t *ret_offset)
{
	struct symidx_symbol symbol;
	struct symidx_record rec;
	uint64_t offset;
	uint32_t end;
	int r;

	if (address < s->header.base)
		return -ENOENT;
	offset = address - s->header.base;
	r = records_up_to(s, offset, &end);
	if (r < 0)
		return r;
	/* A small symbol may lie inside a larger one that started before: look a little further back. */
	for (uint32_t i = 0; i < LOOK_BACK && i < end; i++) {
		uint64_t reach;

		r = read_record(s, end - 1 - i, &rec);
		if (r < 0)
			return r;
		if (rec.offset > offset)
			return -EBADMSG;
		/* Without a size only the nearest counts. */
		reach = rec.size ? rec.size : i == 0 ? REACH_WITHOUT_SIZE : 0;
		if (offset - rec.offset >= reach)
			continue;
		r = complete(s, &rec, &symbol);
		if (r < 0)
			return r;
		*ret = symbol;
		*ret_offset = offset - rec.offset;
		return 0;
	}
	return -ENOENT;
}

bool symidx_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	/* After a mismatch the last * takes one character more: no recursion, at most |pattern| * |name| steps. */
	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			retry = name;
		} else if (*pattern && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

int symidx_foreach(const struct symidx *s, const char *pattern,
		   int (*fn)(void *ctx, const struct symidx_symbol *symbol), void *fn_ctx)
{
	struct symidx_symbol symbol;
	int r = 0;

	for (uint32_t i = 0; i < s->header.count && r == 0; i++) {
		r = symidx_at(s, i, &symbol);
		if (r == 0 && symidx_glob(pattern, symbol.name))
			r = fn(fn_ctx, &symbol);
	}
	return r;
}
