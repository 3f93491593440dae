/* Sizes of fields and types; of what is missing: 0. */
// RUN: run = 180
#include "image.h"
struct missing {
	int n;
} __attribute__((preserve_access_index));
SEC("syscall") int run(void *ctx)
{
	return bpf_core_field_size(struct subject, text) + bpf_core_field_size(struct subject, grid) +
	       bpf_core_field_size(struct subject, narrow) + bpf_core_type_size(struct part) +
	       bpf_core_type_size(area_t) + bpf_core_type_size(struct missing) + 90;
}
