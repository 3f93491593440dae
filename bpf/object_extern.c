/* pure */
/* object_extern.c: variables that the object only declares: `__kconfig` values, which become a constant map, and
 * `__ksym` symbols of the image, which become addresses. Weak ones that nobody has are 0. */
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/str.h"

/* What libbpf gives without asking a kernel's configuration. */
static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
	{"LINUX_KERNEL_VERSION", 6 << 16 | 1 << 8}, /* whose helpers and types these are */
	{"LINUX_HAS_SYSCALL_WRAPPER", 0},
	{"LINUX_HAS_BPF_COOKIE", 0},
};

/* Calls VISIT for each variable of .kconfig, with its place in the map; stops at an error. */
static int each_kconfig(struct bpf_object *object, struct bpf_refusal *why,
			int (*visit)(struct bpf_object *object, const char *name, uint64_t at, uint64_t size, void *arg,
				     struct bpf_refusal *why),
			void *arg, uint64_t *ret_end)
{
	const struct btf *btf = &object->btf;
	uint64_t at = 0;

	for (uint32_t id = 1; id < btf->count; id++) {
		const struct btf_type *sec = btf_type(btf, id);
		const struct btf_var_secinfo *vars = btf_body(sec);

		if (btf_kind(sec) != BTF_KIND_DATASEC || strcmp(btf_name(btf, sec), ".kconfig") != 0)
			continue;
		for (uint32_t i = 0; i < btf_vlen(sec); i++) {
			const struct btf_type *var = btf_type(btf, vars[i].type);
			const char *name = btf_name(btf, var);
			uint64_t size;
			int r;

			if (btf_kind(var) != BTF_KIND_VAR || btf_size(btf, vars[i].type, &size) < 0 || size > 4096)
				return object_refuse(why, -EINVAL, "__kconfig %s: not a variable of a known size",
						     name);
			at = (at + 7) & ~(uint64_t)7;
			r = visit(object, name, at, size, arg, why);
			if (r != 0)
				return r;
			at += size;
		}
	}
	*ret_end = at;
	return 0;
}

static bool is_weak(const struct bpf_object *object, const char *name)
{
	struct elf_sym sym;
	const char *its;

	for (uint32_t i = 1; i < object->file->symbol_count; i++)
		if (object_symbol(object, i, &sym, &its) == 0 && sym.shndx == ELF_SHN_UNDEF && strcmp(its, name) == 0)
			return ELF_SYM_BIND(sym.info) == ELF_STB_WEAK;
	return false;
}

static int count(struct bpf_object *object, const char *name, uint64_t at, uint64_t size, void *arg,
		 struct bpf_refusal *why)
{
	(void)object, (void)name, (void)at, (void)size, (void)arg, (void)why;
	return 0;
}

static int fill(struct bpf_object *object, const char *name, uint64_t at, uint64_t size, void *arg,
		struct bpf_refusal *why)
{
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
		if (strcmp(name, constants[i].name) == 0) {
			memcpy((uint8_t *)arg + at, &constants[i].value, size < 8 ? size : 8);
			return 0;
		}
	if (is_weak(object, name))
		return 0;
	return object_refuse(why, -ENOENT, "__kconfig %s: there is no such value here; declare it __weak to get 0",
			     name);
}

int object_read_externs(struct bpf_object *object, struct bpf_refusal *why)
{
	struct bpf_object_map *m;
	uint8_t *data;
	uint64_t size = 0;
	int r;

	r = each_kconfig(object, why, count, NULL, &size);
	if (r < 0 || size == 0)
		return r;
	data = object_alloc(object, size);
	if (!data)
		return object_refuse(why, -ENOMEM, "no memory for the __kconfig values");
	r = each_kconfig(object, why, fill, data, &size);
	if (r < 0)
		return r;
	m = object_new_map(object, ".kconfig", why);
	if (!m)
		return -E2BIG;
	m->data = data;
	m->frozen = true;
	m->def.type = BPF_MAP_TYPE_ARRAY;
	m->def.key_size = 4;
	m->def.value_size = size;
	m->def.max_entries = 1;
	m->def.map_flags = BPF_F_RDONLY_PROG;
	return 0;
}

struct wanted {
	const char *name;
	uint64_t at;
};

static int find(struct bpf_object *object, const char *name, uint64_t at, uint64_t size, void *arg,
		struct bpf_refusal *why)
{
	struct wanted *w = arg;

	(void)object, (void)size, (void)why;
	if (strcmp(name, w->name) != 0)
		return 0;
	w->at = at;
	return 1;
}

int object_link_extern(struct bpf_object *object, const char *name, bool weak, struct bpf_insn *insn,
		       struct bpf_refusal *why)
{
	const struct bpf_object_options *o = &object->file->options;
	struct wanted w = {.name = name};
	uint64_t end, address = 0;

	if (each_kconfig(object, why, find, &w, &end) == 1) {
		for (uint32_t i = 0; i < object->map_count; i++)
			if (strcmp(object->maps[i].name, ".kconfig") == 0)
				insn[0].imm = (int32_t)i;
		insn[0].src_reg = BPF_PSEUDO_MAP_VALUE;
		insn[1].imm = (int32_t)w.at;
		return 0;
	}
	if ((!o->symbol || o->symbol(o->arg, name, &address) < 0) && !weak)
		return object_refuse(why, -ENOENT,
				     "__ksym %s: the image has no such symbol; declare it __weak to get 0", name);
	insn[0].src_reg = 0;
	insn[0].imm = (int32_t)address;
	insn[1].imm = (int32_t)(address >> 32);
	return 0;
}
