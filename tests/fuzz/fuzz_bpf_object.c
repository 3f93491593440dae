/*
 * fuzz_bpf_object.c: any bytes as an eBPF object: reading, making its maps, linking every program of it, with CO-RE
 * against its own types and those of a second object, and once more with memory that fails somewhere.
 *
 * An input that ends with "uioT" and four bytes more is two objects: the bytes say where the second begins, the one with
 * the image's types. tests/fuzz/run-fuzz.sh begins with what clang makes of tests/bpf/.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/object.h"
#include "tests/bpf/heap.h"

#define ALLOCATIONS 48 /* one of the first so many fails */

static int countdown;

static void *failing_alloc(struct bpf_mem *mem, size_t size)
{
	return countdown-- == 0 ? NULL : heap_alloc(mem, size);
}

/* Half of all names are symbols of the image; the address may be one that fits 32 bits. */
static int symbol(void *arg, const char *name, uint64_t *ret_address)
{
	(void)arg;
	if (strlen(name) % 2)
		return -ENOENT;
	*ret_address = 0x1122334455667788;
	return 0;
}

static void use(struct bpf_object *object)
{
	static volatile char last;
	struct bpf_refusal why;
	struct bpf_prog prog;
	const char *name;
	const void *types;
	uint32_t offset;
	size_t size;

	bpf_object_needs_types(object);
	types = bpf_object_types(object, &size);
	if (types && size)
		last = ((const char *)types)[size - 1];
	for (uint32_t m = 0; m < object->map_count; m++)
		for (uint32_t n = 0; bpf_object_variable(object, m, n, &name, &offset) == 0; n++)
			last = name[strlen(name)];
	(void)last;
	bpf_object_make_maps(object, &why);
	for (uint32_t i = 0; i < object->program_count; i++) {
		bpf_object_link(object, object->programs[i].name, &prog, &why);
		bpf_object_link(object, object->programs[i].section, &prog, &why);
	}
	bpf_object_link(object, "nobody", &prog, &why);
}

/* The part that begins at FROM, in memory of its own: malloc aligns, and the sanitizer sees a step beyond. */
static void *part(const uint8_t *data, size_t from, size_t to)
{
	void *p = malloc(to > from ? to - from : 1);

	memcpy(p, data + from, to - from);
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_mem mem = { .alloc = heap_alloc, .free = heap_free, .budget = 4 << 20 };
	struct bpf_object_options options = { .symbol = symbol };
	struct bpf_object *object, *again, *types = NULL;
	struct bpf_refusal why;
	void *image, *second = NULL;
	uint32_t sum = (uint32_t)size;

	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + data[i];
	if (size >= 8 && memcmp(data + size - 8, "uioT", 4) == 0) {
		uint32_t at;

		memcpy(&at, data + size - 4, 4);
		size -= 8;
		if (at <= size) {
			second = part(data, at, size);
			if (bpf_object_open(second, size - at, NULL, &mem, &types, &why) < 0)
				types = NULL;
			size = at;
		}
	}
	image = part(data, 0, size);
	if (bpf_object_open(image, size, NULL, &mem, &object, &why) == 0) {
		use(object);
		options.target = types ? &types->btf : object->btf.count ? &object->btf : NULL;
		if (bpf_object_open(image, size, &options, &mem, &again, &why) == 0) {
			use(again);
			bpf_object_close(again);
		}
		mem.alloc = failing_alloc;
		countdown = (int)(sum % ALLOCATIONS);
		if (bpf_object_open(image, size, &options, &mem, &again, &why) == 0) {
			use(again);
			bpf_object_close(again);
		}
		bpf_object_close(object);
	}
	bpf_object_close(types);
	if (mem.used)
		abort();
	free(image);
	free(second);
	return 0;
}
