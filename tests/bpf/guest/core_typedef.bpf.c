/* A structure that only a typedef names. */
// RUN: run = 484
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	area_t *area = (void *)SUBJECT + bpf_core_field_offset(struct subject, area);

	return BPF_CORE_READ(area, height) + bpf_core_field_offset(area_t, height);
}
