/* dump.c: prints what bpf/object.h reads from an object file: maps, programs, and each program as it is linked. With a
 * second file, CO-RE relocations are carried out against its types. For tests/bpf/run-objects.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/object.h"
#include "tests/bpf/heap.h"

#define FILE_MAX (4 << 20)

static void *read_file(const char *path, size_t *ret_size)
{
	FILE *f = fopen(path, "rb");
	void *p = malloc(FILE_MAX);

	if (!f || !p) {
		perror(path);
		exit(2);
	}
	*ret_size = fread(p, 1, FILE_MAX, f);
	fclose(f);
	/* Exactly as long as the file, so that the sanitizer sees a step beyond. */
	return realloc(p, *ret_size ? *ret_size : 1);
}

/* One symbol that every image has here. */
static int symbol(void *arg, const char *name, uint64_t *ret_address)
{
	(void)arg;
	if (strcmp(name, "image_counter") != 0)
		return -1;
	*ret_address = 0x1122334455667788;
	return 0;
}

static void print_map(unsigned number, const struct bpf_object_map *m)
{
	printf("map %u %s: %s key %u value %u entries %u flags 0x%x%s%s\n", number, m->name, bpf_map_type_name(m->def.type),
	       m->def.key_size, m->def.value_size, m->def.max_entries, m->def.map_flags, m->frozen ? " frozen" : "",
	       m->pinned ? " pinned" : "");
	if (m->inner.type)
		printf("  inner: %s key %u value %u entries %u\n", bpf_map_type_name(m->inner.type), m->inner.key_size,
		       m->inner.value_size, m->inner.max_entries);
	for (unsigned i = 0; i < m->value_count; i++)
		printf("  value %u: %s %d\n", m->values[i].index, m->values[i].map >= 0 ? "map" : "program",
		       m->values[i].map >= 0 ? m->values[i].map : m->values[i].program);
}

static void print_program(struct bpf_object *object, const struct bpf_object_program *p)
{
	struct bpf_refusal why;
	struct bpf_prog prog;

	if (p->sec_error)
		printf("program %s: section %s %s\n", p->name, p->section,
		       p->sec_error == -ENOTSUPP ? "has no hook here" : "means nothing");
	else
		printf("program %s: type %d hook %d attach '%s'%s\n", p->name, p->sec.type, p->sec.hook, p->sec.attach,
		       p->sec.optional ? " optional" : "");
	if (bpf_object_link(object, p->name, &prog, &why) < 0) {
		printf("  refused: %s\n", why.text);
		return;
	}
	for (uint32_t i = 0; i < prog.subprog_count; i++)
		printf("  function %s at %u\n", prog.subprogs[i].name, prog.subprogs[i].start);
	for (uint32_t i = 0; i < prog.insn_count; i++) {
		const struct bpf_insn *n = &prog.insns[i];

		printf("  %s %u: %02x r%u %u %d %d\n", p->name, i, n->code, n->dst_reg, n->src_reg, n->off, n->imm);
	}
	for (uint32_t i = 0; i < prog.line_count; i++)
		printf("  line %u at %u: %s\n", prog.lines[i].line, prog.lines[i].insn, prog.lines[i].text);
}

/* Opens a file, or ends with the refusal. The file's bytes go to *ret_image. */
static struct bpf_object *open_file(const char *path, const struct bpf_object_options *options, struct bpf_mem *mem,
				    void **ret_image)
{
	struct bpf_refusal why;
	struct bpf_object *object;
	size_t size;

	*ret_image = read_file(path, &size);
	if (bpf_object_open(*ret_image, size, options, mem, &object, &why) < 0) {
		printf("refused: %s\n", why.text);
		free(*ret_image);
		exit(mem->used ? 3 : 1);
	}
	return object;
}

int main(int argc, char **argv)
{
	struct bpf_mem mem = { .alloc = heap_alloc, .free = heap_free, .budget = 64 << 20 };
	struct bpf_object_options options = { .symbol = symbol };
	struct bpf_refusal why;
	struct bpf_object *object, *target = NULL;
	void *image, *target_image = NULL;

	if (argc < 2)
		return 2;
	if (argc > 2) {
		target = open_file(argv[2], NULL, &mem, &target_image);
		options.target = &target->btf;
	}
	object = open_file(argv[1], &options, &mem, &image);
	printf("license '%s'\n", object->license);
	for (uint32_t i = 0; i < object->map_count; i++)
		print_map(i, &object->maps[i]);
	for (uint32_t i = 0; i < object->program_count; i++)
		print_program(object, &object->programs[i]);
	if (bpf_object_make_maps(object, &why) < 0)
		printf("refused: %s\n", why.text);
	bpf_object_close(object);
	bpf_object_close(target);
	if (mem.used)
		printf("%zu bytes are left over\n", mem.used);
	free(image);
	free(target_image);
	return 0;
}
