/* pure */
/* object_ext.c: finds the records of .BTF.ext (Linux, btf.rst 4.2) that belong to one section. */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/str.h"

struct ext_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t hdr_len;
	struct {
		uint32_t off;
		uint32_t len;
	} part[3]; /* functions, lines, and, where the header is long enough, CO-RE relocations */
};
_Static_assert(sizeof(struct ext_header) == 32, "btf.rst, 4.2");

struct ext_section { /* struct btf_ext_info_sec */
	uint32_t name;
	uint32_t count;
};

static const uint32_t record_min[3] = {8, 16, 16};

int object_ext_find(const struct bpf_object *object, enum object_ext_part part, const char *section,
		    struct object_ext_records *ret)
{
	const struct bpf_object_file *file = object->file;
	struct ext_header h = {0};
	uint32_t at, left, size, known;

	*ret = (struct object_ext_records){0};
	if (!file->ext)
		return 0;
	if (file->ext_size < 24)
		return -EBADMSG;
	memcpy(&h, file->ext, 8);
	if (h.magic != 0xeb9f || h.version != 1 || h.hdr_len < 24 || h.hdr_len > file->ext_size)
		return -EBADMSG;
	known = h.hdr_len < sizeof(h) ? 24 : sizeof(h);
	memcpy(&h, file->ext, known);
	at = h.part[part].off;
	left = h.part[part].len;
	if (left == 0)
		return 0;
	if (at > file->ext_size - h.hdr_len || left > file->ext_size - h.hdr_len - at || left < sizeof(size))
		return -EBADMSG;
	at += h.hdr_len;
	memcpy(&size, file->ext + at, sizeof(size));
	if (size < record_min[part] || size > 1024 || size % 4)
		return -EBADMSG;
	at += sizeof(size);
	left -= sizeof(size);
	while (left > 0) {
		struct ext_section s;

		if (left < sizeof(s))
			return -EBADMSG;
		memcpy(&s, file->ext + at, sizeof(s));
		at += sizeof(s);
		left -= sizeof(s);
		if (s.count > left / size)
			return -EBADMSG;
		if (strcmp(btf_string(&object->btf, s.name), section) == 0) {
			*ret = (struct object_ext_records){file->ext + at, size, s.count};
			return 0;
		}
		at += s.count * size;
		left -= s.count * size;
	}
	return 0;
}

const void *bpf_object_types(const struct bpf_object *object, size_t *ret_size)
{
	for (uint32_t i = 1; object->btf.count && i < object->file->section_count; i++) {
		const struct object_section *s = &object->file->sections[i];

		if (strcmp(s->name, ".BTF") == 0 && s->bytes) {
			*ret_size = s->header.size;
			return s->bytes;
		}
	}
	return NULL;
}
