/* pure */
/* object_make.c: makes the maps that an object defines, with their inner maps and the first contents of its variables.
 * Program arrays are filled by whoever loads the programs. */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/fmt.h"

static int make(struct bpf_object *object, struct bpf_object_map *m, struct bpf_refusal *why)
{
	struct bpf_map_def def = m->def;
	const uint32_t zero = 0;
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
	if (m->data)
		r = bpf_map_update(m->map, &zero, m->data, BPF_ANY);
	if (r == 0 && m->frozen)
		r = bpf_map_freeze(m->map);
	if (r < 0)
		return object_refuse(why, r, "map %s: it cannot be filled", m->name);
	return 0;
}

int bpf_object_make_maps(struct bpf_object *object, struct bpf_refusal *ret_why)
{
	for (uint32_t i = 0; i < object->map_count; i++) {
		int r = object->maps[i].map ? 0 : make(object, &object->maps[i], ret_why);

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
