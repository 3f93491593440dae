/* fuzz_bpf_object.c: any bytes as an eBPF object: reading, making its maps, linking every program of it, also with CO-RE
 * against its own types. tests/fuzz/run-fuzz.sh begins with what clang makes of tests/bpf/objects/. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/object.h"
#include "tests/bpf/heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bpf_mem mem = { .alloc = heap_alloc, .free = heap_free, .budget = 4 << 20 };
	struct bpf_object_options options = { 0 };
	struct bpf_object *object, *again;
	struct bpf_refusal why;
	struct bpf_prog prog;
	void *image = malloc(size ? size : 1); /* malloc aligns, and the sanitizer sees a step beyond */

	memcpy(image, data, size);
	if (bpf_object_open(image, size, NULL, &mem, &object, &why) == 0) {
		bpf_object_make_maps(object, &why);
		options.target = object->btf.count ? &object->btf : NULL;
		if (bpf_object_open(image, size, &options, &mem, &again, &why) == 0) {
			for (uint32_t i = 0; i < again->program_count; i++)
				bpf_object_link(again, again->programs[i].name, &prog, &why);
			bpf_object_close(again);
		}
		bpf_object_close(object);
	}
	if (mem.used)
		abort();
	free(image);
	return 0;
}
