/* bpf_run_program.c: where bpf-run's program and its maps come from: raw instructions and --map, or an ELF object. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/check.h"
#include "tests/bpf/bpf_run.h"

/* What an inner map of --map looks like when there is no map before it to take as a template. */
static const struct bpf_map_def inner_default = { BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0, "inner" };

/* "type:key:value:max[:flags]" in Linux's numbers. */
static bool parse_map(const char *text, struct bpf_map_def *ret)
{
	uint32_t *fields[] = { &ret->type, &ret->key_size, &ret->value_size, &ret->max_entries, &ret->map_flags };

	*ret = (struct bpf_map_def){ 0 };
	for (size_t i = 0; i < 5; i++) {
		unsigned long v;
		char *end;

		errno = 0;
		v = strtoul(text, &end, 0);
		if (errno || end == text || v > UINT32_MAX || *text == '-')
			return false;
		*fields[i] = (uint32_t)v;
		if (*end == 0)
			return i >= 3;
		if (*end != ':')
			return false;
		text = end + 1;
	}
	return false;
}

static int make_maps(const struct run_options *options, struct bpf_map **maps)
{
	for (size_t i = 0; i < options->map_count; i++) {
		struct bpf_map_def def;
		char text[120];
		int r;

		if (!parse_map(options->map_options[i], &def))
			return run_die(2, "a map is --map TYPE:KEY:VALUE:MAX[:FLAGS] in numbers");
		/* The map before is the template of inner maps. */
		if (def.type == BPF_MAP_TYPE_ARRAY_OF_MAPS || def.type == BPF_MAP_TYPE_HASH_OF_MAPS) {
			if (i > 0)
				def.inner = maps[i - 1];
			else if (bpf_map_create(&inner_default, &run_mem, &def.inner) < 0)
				return run_die(1, "no memory");
		}
		r = bpf_map_create(&def, &run_mem, &maps[i]);
		if (r < 0) {
			snprintf(text, sizeof(text), "map %zu (%s) cannot be made: %s", i,
			         bpf_map_type_name(def.type) ? bpf_map_type_name(def.type) : "of no known type",
			         strerror(-r));
			return run_die(1, text);
		}
	}
	return 0;
}

static int raw_program(const struct run_options *options, uint8_t *bytes, size_t size, struct bpf_prog *ret)
{
	static struct bpf_map *maps[RUN_MAPS_MAX];
	int r = make_maps(options, maps);

	if (r)
		return r;
	if (size == 0 || size % sizeof(struct bpf_insn))
		return run_die(1, "the program is no whole number of 8-byte instructions");
	*ret = (struct bpf_prog){
		.insns = (struct bpf_insn *)bytes,
		.insn_count = (uint32_t)(size / sizeof(struct bpf_insn)),
		.subprogs = calloc(BPF_MAX_SUBPROGS, sizeof(struct bpf_subprog)),
		.subprogs_max = BPF_MAX_SUBPROGS,
		.maps = maps,
		.map_count = (uint32_t)options->map_count,
		.refs = 1,
	};
	return ret->subprogs ? 0 : run_die(1, "no memory");
}

/* Program arrays that the object fills: its programs, ready to run. */
static int fill_program_arrays(struct bpf_object *object, const struct run_options *options)
{
	struct bpf_refusal why = { 0 };

	for (uint32_t i = 0; i < object->map_count; i++) {
		struct bpf_object_map *m = &object->maps[i];

		for (uint32_t k = 0; m->map && k < m->value_count; k++) {
			struct engine *e;
			int r;

			if (m->values[k].program < 0)
				continue;
			e = calloc(1, sizeof(*e));
			if (!e)
				return run_die(1, "no memory");
			r = bpf_object_link(object, object->programs[m->values[k].program].name, &e->prog, &why);
			if (r == 0)
				r = bpf_check_structure(&e->prog, BPF_CHECK_CALLX, &why);
			if (r < 0)
				return run_die(1, why.text);
			e->prog.refs = 1;
			if (engine_prepare(e, &run_helpers, options->jit) < 0)
				return run_die(1, e->refusal.text);
			r = bpf_map_set_object(m->map, &m->values[k].index, &e->prog, BPF_ANY);
			if (r < 0)
				return run_die(1, strerror(-r));
		}
	}
	return 0;
}

static int elf_program(const struct run_options *options, uint8_t *bytes, size_t size, struct bpf_prog *ret)
{
	struct bpf_refusal why = { 0 };
	struct bpf_object *object;
	int r = bpf_object_open(bytes, size, NULL, &run_mem, &object, &why);

	if (r == 0)
		r = bpf_object_make_maps(object, &why);
	if (r < 0)
		return run_die(1, why.text[0] ? why.text : strerror(-r));
	r = bpf_object_link(object, options->program ? options->program : "main", ret, &why);
	if (r == -ENOENT && !options->program)
		r = bpf_object_link(object, ".text", ret, &why);
	if (r < 0)
		return run_die(1, why.text[0] ? why.text : strerror(-r));
	ret->refs = 1;
	return options->verify ? 0 : fill_program_arrays(object, options);
}

int run_program(const struct run_options *options, uint8_t *bytes, size_t size, struct bpf_prog *ret)
{
	struct bpf_refusal why = { 0 };
	int r = options->elf ? elf_program(options, bytes, size, ret) : raw_program(options, bytes, size, ret);

	if (r || options->verify)
		return r;
	r = bpf_check_structure(ret, BPF_CHECK_CALLX, &why);
	return r < 0 ? run_die(1, why.text) : 0;
}
