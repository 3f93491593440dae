/* pure */
/* object_make.c: makes the maps that an object defines, with their inner maps and the first contents of its variables.
 * Program arrays are filled by whoever loads the programs. */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/str.h"

static int make(struct bpf_object *object, struct bpf_object_map *m, struct bpf_refusal *why)
{
	struct bpf_map_def def = m->def;
	int r;

	if (m->inner.type) {
		r = bpf_map_create(&m->inner, object->mem, &def.inner);
		if (r < 0)
			return object_refuse(
				why, r, "map %s: its inner map (%s, key %u, value %u, %u entries, flags 0x%x) is %s",
				m->name, bpf_map_type_name(m->inner.type), m->inner.key_size, m->inner.value_size,
				m->inner.max_entries, m->inner.map_flags,
				r == -ENOMEM ? "more than there is memory for" : "refused");
	}
	r = bpf_map_create(&def, object->mem, &m->map);
	if (def.inner)
		bpf_map_put(def.inner);
	if (r < 0)
		return object_refuse(why, r, "map %s: %s with key %u, value %u, %u entries, flags 0x%x is %s", m->name,
				     bpf_map_type_name(def.type), def.key_size, def.value_size, def.max_entries,
				     def.map_flags, r == -ENOMEM ? "more than there is memory for" : "refused");
	return 0;
}

/* Addresses of variables and strings in the first contents of variables: those maps exist now. */
static int fill_addresses(const struct bpf_object *object, const struct bpf_object_map *m, struct bpf_refusal *why)
{
	const struct object_section *s = &object->file->sections[m->section];

	for (uint32_t i = 0; i < s->rel_count; i++) {
		struct object_rel rel = object_rel_at(s, i);
		const struct bpf_object_map *to = NULL;
		const char *name = "";
		struct elf_sym sym;
		uint64_t value;

		if (object_symbol(object, ELF_RELA_SYM(rel.info), &sym, &name) < 0 ||
		    ELF_RELA_TYPE(rel.info) != R_BPF_64_ABS64 || m->def.value_size < sizeof(value) ||
		    rel.offset > m->def.value_size - sizeof(value))
			return object_refuse(why, -EBADMSG, "section %s: a damaged relocation at offset %llu", m->name,
					     (unsigned long long)rel.offset);
		if (sym.shndx < object->file->section_count && object->file->sections[sym.shndx].map >= 0)
			to = &object->maps[object->file->sections[sym.shndx].map];
		memcpy(&value, m->map->values + rel.offset, sizeof(value));
		value += sym.value;
		if (!to || value > UINT32_MAX || bpf_map_value_address(to->map, (uint32_t)value, &value) < 0)
			return object_refuse(why, -EINVAL,
					     "section %s: the address of %s at offset %llu cannot be known", m->name,
					     name, (unsigned long long)rel.offset);
		memcpy(m->map->values + rel.offset, &value, sizeof(value));
	}
	return 0;
}

static int fill(const struct bpf_object *object, const struct bpf_object_map *m, struct bpf_refusal *why)
{
	const uint32_t zero = 0;
	int r = 0;

	if (m->data) {
		r = bpf_map_update(m->map, &zero, m->data, BPF_ANY);
		if (r == 0 && object->file->sections[m->section].map >= 0 && fill_addresses(object, m, why) < 0)
			return -EINVAL;
	}
	if (r == 0 && m->frozen)
		r = bpf_map_freeze(m->map);
	return r < 0 ? object_refuse(why, r, "map %s: it cannot be filled", m->name) : 0;
}

int bpf_object_make_maps(struct bpf_object *object, struct bpf_refusal *ret_why)
{
	for (uint32_t i = 0; i < object->map_count; i++) {
		int r = make(object, &object->maps[i], ret_why);

		if (r < 0)
			return r;
	}
	for (uint32_t i = 0; i < object->map_count; i++) {
		int r = fill(object, &object->maps[i], ret_why);

		if (r < 0)
			return r;
	}
	for (uint32_t i = 0; i < object->map_count; i++) {
		const struct bpf_object_map *m = &object->maps[i];

		for (uint32_t j = 0; j < m->value_count; j++) {
			const struct bpf_object_value *v = &m->values[j];
			int r;

			if (v->map < 0)
				continue;
			r = bpf_map_set_object(m->map, &v->index, object->maps[v->map].map, BPF_ANY);
			if (r < 0)
				return object_refuse(ret_why, r, "map %s: %s cannot be its value %u (error %d)",
						     m->name, object->maps[v->map].name, v->index, -r);
		}
	}
	return 0;
}
