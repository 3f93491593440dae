/* pure */
/* object_maps.c: the maps of an object: definitions in .maps as libbpf's macros __uint, __type and __array write them
 * into BTF, and a map for each section of global variables. */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/str.h"

/* The number that __uint(NAME, N) hides in a pointer to an array of N. */
static int hidden_number(const struct btf *btf, uint32_t id, uint32_t *ret)
{
	const struct btf_type *t = btf_type(btf, btf_strip(btf, id));

	if (btf_kind(t) != BTF_KIND_PTR)
		return -EINVAL;
	t = btf_type(btf, btf_strip(btf, t->size_or_type));
	if (btf_kind(t) != BTF_KIND_ARRAY)
		return -EINVAL;
	*ret = ((const struct btf_array *)btf_body(t))->nelems;
	return 0;
}

/* The size of the type that __type(NAME, T) hides in a pointer to it. */
static int hidden_size(const struct btf *btf, uint32_t id, uint32_t *ret, uint32_t *ret_type)
{
	const struct btf_type *t = btf_type(btf, btf_strip(btf, id));
	uint64_t size;

	if (btf_kind(t) != BTF_KIND_PTR || btf_size(btf, t->size_or_type, &size) < 0 || size > UINT32_MAX)
		return -EINVAL;
	*ret = size;
	*ret_type = t->size_or_type;
	return 0;
}

struct definition {
	struct bpf_object *object;
	struct bpf_object_map *map;
	const char *name; /* for messages; an inner map's is its outer one's */
	bool inner;
	struct bpf_refusal *why;
};

static int set_size(const struct definition *d, const char *what, uint32_t *field, uint32_t size)
{
	if (*field && *field != size)
		return object_refuse(d->why, -EINVAL, "map %s: %s is said to have %u and %u bytes", d->name, what,
				     *field, size);
	*field = size;
	return 0;
}

static int read_definition(struct definition *d, const struct btf_type *of, struct bpf_map_def *def);

/* __array(values, T): the template of a map of maps, or functions of a program array. */
static int read_values_type(struct definition *d, uint32_t id, struct bpf_map_def *def)
{
	const struct btf *btf = &d->object->btf;
	const struct btf_type *t = btf_type(btf, btf_strip(btf, id));
	struct definition inner = *d;

	if (d->inner)
		return object_refuse(d->why, -EINVAL, "map %s: an inner map cannot hold maps or programs", d->name);
	if (btf_kind(t) != BTF_KIND_ARRAY)
		return object_refuse(d->why, -EINVAL, "map %s: values is no array", d->name);
	t = btf_type(btf, btf_strip(btf, ((const struct btf_array *)btf_body(t))->type));
	if (btf_kind(t) != BTF_KIND_PTR)
		return object_refuse(d->why, -EINVAL, "map %s: values is no array of pointers", d->name);
	t = btf_type(btf, btf_strip(btf, t->size_or_type));
	if (btf_kind(t) == BTF_KIND_FUNC_PROTO && def->type == BPF_MAP_TYPE_PROG_ARRAY)
		return set_size(d, "its value", &def->value_size, 4);
	if (btf_kind(t) != BTF_KIND_STRUCT ||
	    (def->type != BPF_MAP_TYPE_ARRAY_OF_MAPS && def->type != BPF_MAP_TYPE_HASH_OF_MAPS))
		return object_refuse(d->why, -EINVAL, "map %s: values fits neither a map of maps nor a program array",
				     d->name);
	inner.inner = true;
	if (read_definition(&inner, t, &d->map->inner) < 0)
		return -EINVAL;
	return set_size(d, "its value", &def->value_size, 4);
}

static int read_member(struct definition *d, const struct btf_member *m, struct bpf_map_def *def)
{
	const struct btf *btf = &d->object->btf;
	const char *name = btf_string(btf, m->name);
	uint32_t n = 0, ignored = 0;
	static const struct {
		const char *name;
		uint16_t offset;
	} numbers[] = {
		{"type", offsetof(struct bpf_map_def, type)},
		{"max_entries", offsetof(struct bpf_map_def, max_entries)},
		{"map_flags", offsetof(struct bpf_map_def, map_flags)},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(name, numbers[i].name) == 0) {
			if (hidden_number(btf, m->type, (uint32_t *)((uint8_t *)def + numbers[i].offset)) < 0)
				return object_refuse(d->why, -EINVAL, "map %s: %s is no __uint", d->name, name);
			return 0;
		}
	if (strcmp(name, "key_size") == 0 || strcmp(name, "value_size") == 0) {
		bool key = name[0] == 'k';

		if (hidden_number(btf, m->type, &n) < 0)
			return object_refuse(d->why, -EINVAL, "map %s: %s is no __uint", d->name, name);
		return set_size(d, key ? "its key" : "its value", key ? &def->key_size : &def->value_size, n);
	}
	if (strcmp(name, "key") == 0 || strcmp(name, "value") == 0) {
		bool key = name[0] == 'k';
		uint32_t type;

		if (hidden_size(btf, m->type, &n, &type) < 0)
			return object_refuse(d->why, -EINVAL, "map %s: %s is no __type of a known size", d->name, name);
		if (!d->inner)
			*(key ? &d->map->key_type : &d->map->value_type) = type;
		return set_size(d, key ? "its key" : "its value", key ? &def->key_size : &def->value_size, n);
	}
	if (strcmp(name, "pinning") == 0) {
		if (hidden_number(btf, m->type, &n) < 0 || n > 1)
			return object_refuse(d->why, -EINVAL, "map %s: pinning is none that exists", d->name);
		d->map->pinned = n == 1;
		return 0;
	}
	if (strcmp(name, "values") == 0)
		return read_values_type(d, m->type, def);
	if (strcmp(name, "numa_node") == 0 || strcmp(name, "map_extra") == 0) {
		if (hidden_number(btf, m->type, &ignored) < 0 || (ignored && name[0] == 'm'))
			return object_refuse(d->why, -ENOTSUPP, "map %s: %s %u means nothing here", d->name, name,
					     ignored);
		return 0;
	}
	return object_refuse(d->why, -EINVAL, "map %s: there is no field %s", d->name, name);
}

static int read_definition(struct definition *d, const struct btf_type *of, struct bpf_map_def *def)
{
	const struct btf_member *m = btf_body(of);

	for (uint32_t i = 0; i < btf_vlen(of); i++) {
		int r = read_member(d, &m[i], def);

		if (r < 0)
			return r;
	}
	if (!def->type)
		return object_refuse(d->why, -EINVAL, "map %s: it has no type", d->name);
	if (!bpf_map_ops_of(def->type)) {
		const char *known = bpf_map_type_name(def->type);

		return object_refuse(d->why, -ENOTSUPP, "map %s: there are no maps of type %s (%u) here", d->name,
				     known ? known : "unknown", def->type);
	}
	/* What libbpf's users leave out. */
	if (def->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY || def->type == BPF_MAP_TYPE_PROG_ARRAY ||
	    def->type == BPF_MAP_TYPE_ARRAY_OF_MAPS || def->type == BPF_MAP_TYPE_HASH_OF_MAPS) {
		def->key_size = def->key_size ? def->key_size : 4;
		def->value_size = def->value_size ? def->value_size : 4;
	}
	if (def->type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !def->max_entries)
		def->max_entries = 1;
	return 0;
}

struct bpf_object_map *object_new_map(struct bpf_object *object, const char *name, struct bpf_refusal *why)
{
	struct bpf_object_map *m;

	if (!object->maps)
		object->maps = object_alloc(object, BPF_MAX_USED_MAPS * sizeof(*object->maps));
	if (!object->maps || object->map_count == BPF_MAX_USED_MAPS) {
		object_refuse(why, -E2BIG, "map %s: an object has %u at most", name, BPF_MAX_USED_MAPS);
		return NULL;
	}
	m = &object->maps[object->map_count++];
	m->name = m->def.name = name;
	return m;
}

/* The symbol NAME of section SECTION. */
static int find_symbol(const struct bpf_object *object, const char *name, uint32_t section, struct elf_sym *ret)
{
	struct elf_sym sym;
	const char *its;

	for (uint32_t i = 1; i < object->file->symbol_count; i++)
		if (object_symbol(object, i, &sym, &its) == 0 && sym.shndx == section &&
		    ELF_SYM_TYPE(sym.info) != ELF_STT_SECTION && strcmp(its, name) == 0) {
			*ret = sym;
			return 0;
		}
	return -ENOENT;
}

static int read_defined(struct bpf_object *object, uint32_t section, struct bpf_refusal *why)
{
	const struct btf *btf = &object->btf;
	const struct btf_type *sec = NULL;
	const struct btf_var_secinfo *vars;

	for (uint32_t id = 1; id < btf->count && !sec; id++) {
		const struct btf_type *t = btf_type(btf, id);

		if (btf_kind(t) == BTF_KIND_DATASEC && strcmp(btf_name(btf, t), ".maps") == 0)
			sec = t;
	}
	if (!sec)
		return object_refuse(why, -EINVAL, "section .maps: no BTF describes it (compile with -g)");
	vars = btf_body(sec);
	for (uint32_t i = 0; i < btf_vlen(sec); i++) {
		const struct btf_type *var = btf_type(btf, vars[i].type);
		const struct btf_type *t = btf_type(btf, btf_strip(btf, var->size_or_type));
		const char *name = btf_name(btf, var);
		struct definition d = {.object = object, .name = name, .why = why};
		struct elf_sym sym;
		int r;

		if (btf_kind(var) != BTF_KIND_VAR || btf_kind(t) != BTF_KIND_STRUCT)
			return object_refuse(why, -EINVAL, "section .maps: variable %u (%s) is no struct", i, name);
		if (find_symbol(object, name, section, &sym) < 0)
			return object_refuse(why, -EBADMSG, "map %s: there is no such symbol", name);
		d.map = object_new_map(object, name, why);
		if (!d.map)
			return -E2BIG;
		d.map->section = section;
		d.map->symbol_value = sym.value;
		r = read_definition(&d, t, &d.map->def);
		if (r < 0)
			return r;
		d.map->def.name = name;
	}
	return 0;
}

/* ".data" or ".data.anything". */
static bool is_kind(const char *name, const char *kind)
{
	size_t n = strlen(kind);

	return strncmp(name, kind, n) == 0 && (name[n] == '\0' || name[n] == '.');
}

/* The type of the variables of a section: BTF_KIND_DATASEC; 0: nobody says. */
static uint32_t type_of_section(const struct bpf_object *object, const char *name)
{
	for (uint32_t id = 1; id < object->btf.count; id++) {
		const struct btf_type *t = btf_type(&object->btf, id);

		if (btf_kind(t) == BTF_KIND_DATASEC && strcmp(btf_name(&object->btf, t), name) == 0)
			return id;
	}
	return 0;
}

static int read_variables(struct bpf_object *object, uint32_t section, struct bpf_refusal *why)
{
	struct object_section *s = &object->file->sections[section];
	bool constant = is_kind(s->name, ".rodata");
	struct bpf_object_map *m;

	if (s->header.size > UINT32_MAX / 2)
		return object_refuse(why, -E2BIG, "section %s: %llu bytes are too many", s->name,
				     (unsigned long long)s->header.size);
	m = object_new_map(object, s->name, why);
	if (!m)
		return -E2BIG;
	s->map = m - object->maps;
	m->section = section;
	m->data = s->bytes;
	m->frozen = constant;
	m->def.type = BPF_MAP_TYPE_ARRAY;
	m->def.key_size = 4;
	m->def.value_size = s->header.size;
	m->def.max_entries = 1;
	m->def.map_flags = constant ? BPF_F_RDONLY_PROG : 0;
	m->value_type = type_of_section(object, s->name);
	return 0;
}

int bpf_object_variable(const struct bpf_object *object, uint32_t map, uint32_t n, const char **ret_name,
			uint32_t *ret_offset)
{
	const struct bpf_object_map *m = &object->maps[map];
	const struct btf_type *sec = btf_type(&object->btf, m->value_type);
	const struct btf_var_secinfo *vars = btf_body(sec);
	struct elf_sym sym = {0};

	if (btf_kind(sec) != BTF_KIND_DATASEC || n >= btf_vlen(sec))
		return -ENOENT;
	*ret_name = btf_name(&object->btf, btf_type(&object->btf, vars[n].type));
	if (find_symbol(object, *ret_name, m->section, &sym) < 0)
		sym.value = m->def.value_size;
	*ret_offset = (uint32_t)sym.value;
	return 0;
}

int object_read_maps(struct bpf_object *object, struct bpf_refusal *why)
{
	for (uint32_t i = 1; i < object->file->section_count; i++) {
		const struct object_section *s = &object->file->sections[i];
		int r = 0;

		if (!(s->header.flags & ELF_SHF_ALLOC) || s->header.flags & ELF_SHF_EXEC || s->header.size == 0)
			continue;
		if (strcmp(s->name, ".maps") == 0)
			r = read_defined(object, i, why);
		else if (is_kind(s->name, ".data") || is_kind(s->name, ".rodata") || is_kind(s->name, ".bss"))
			r = read_variables(object, i, why);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Where in its definition a map's values begin, in bytes: the member's offset. */
static int values_offset(const struct bpf_object *object, const struct bpf_object_map *map, uint32_t *ret)
{
	const struct btf *btf = &object->btf;

	for (uint32_t id = 1; id < btf->count; id++) {
		const struct btf_type *var = btf_type(btf, id);
		const struct btf_type *t = btf_type(btf, btf_strip(btf, var->size_or_type));
		const struct btf_member *m = btf_body(t);

		if (btf_kind(var) != BTF_KIND_VAR || strcmp(btf_name(btf, var), map->name) ||
		    btf_kind(t) != BTF_KIND_STRUCT)
			continue;
		for (uint32_t i = 0; i < btf_vlen(t); i++)
			if (strcmp(btf_string(btf, m[i].name), "values") == 0) {
				*ret = m[i].offset / 8;
				return 0;
			}
	}
	return -ENOENT;
}

/* The map in whose definition byte OFFSET of .maps lies; they do not overlap, so it is the last that starts before it.
 */
static struct bpf_object_map *map_around(const struct bpf_object *object, uint32_t section, uint64_t offset)
{
	struct bpf_object_map *found = NULL;

	for (uint32_t i = 0; i < object->map_count; i++) {
		struct bpf_object_map *m = &object->maps[i];

		if (m->section == section && m->symbol_value <= offset &&
		    (!found || m->symbol_value > found->symbol_value))
			found = m;
	}
	return found;
}

static int read_value(struct bpf_object *object, uint32_t section, const struct object_rel *rel,
		      struct bpf_refusal *why)
{
	struct bpf_object_map *map = map_around(object, section, rel->offset);
	const char *name;
	struct elf_sym sym;
	uint32_t begin;
	struct bpf_object_value v = {.map = -1, .program = -1};

	if (ELF_RELA_TYPE(rel->info) != R_BPF_64_ABS64 ||
	    object_symbol(object, ELF_RELA_SYM(rel->info), &sym, &name) < 0)
		return object_refuse(why, -EBADMSG, "section .maps: a damaged relocation at offset %llu",
				     (unsigned long long)rel->offset);
	if (!map || values_offset(object, map, &begin) < 0 || rel->offset < map->symbol_value + begin ||
	    (rel->offset - map->symbol_value - begin) % 8)
		return object_refuse(why, -EINVAL, "section .maps: %s at offset %llu is no entry of a map's values",
				     name, (unsigned long long)rel->offset);
	if (rel->offset - map->symbol_value - begin > UINT32_MAX)
		return object_refuse(why, -E2BIG, "map %s: a value of too high an index", map->name);
	v.index = (rel->offset - map->symbol_value - begin) / 8;
	for (uint32_t i = 0; i < object->map_count; i++)
		if (object->maps[i].section == section && sym.shndx == section &&
		    object->maps[i].symbol_value == sym.value)
			v.map = (int32_t)i;
	for (uint32_t i = 0; i < object->program_count; i++) {
		const struct object_function *f = &object->file->functions[object->programs[i].function];

		if (f->section == sym.shndx && (uint64_t)f->start * 8 == sym.value)
			v.program = (int32_t)i;
	}
	if (map->def.type == BPF_MAP_TYPE_PROG_ARRAY ? v.program < 0 : v.map < 0)
		return object_refuse(why, -EINVAL, "map %s: value %u (%s) is no %s", map->name, v.index, name,
				     map->def.type == BPF_MAP_TYPE_PROG_ARRAY ? "program" : "map");
	map->values[map->value_count++] = v;
	return 0;
}

int object_read_values(struct bpf_object *object, struct bpf_refusal *why)
{
	for (uint32_t i = 1; i < object->file->section_count; i++) {
		const struct object_section *s = &object->file->sections[i];

		if (strcmp(s->name, ".maps") != 0 || s->rel_count == 0)
			continue;
		for (uint32_t m = 0; m < object->map_count; m++) {
			object->maps[m].values = object_alloc(object, s->rel_count * sizeof(struct bpf_object_value));
			if (!object->maps[m].values)
				return object_refuse(why, -ENOMEM, "no memory for the maps' values");
		}
		for (uint32_t j = 0; j < s->rel_count; j++) {
			struct object_rel rel = object_rel_at(s, j);
			int r = read_value(object, i, &rel, why);

			if (r < 0)
				return r;
		}
	}
	return 0;
}
