/* Numbers of types: the object's own, and the image's. */
// RUN: run = 3
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	int local = bpf_core_type_id_local(struct subject), there = bpf_core_type_id_kernel(struct subject);

	return (local > 0) | (there > 0 && there != local) << 1;
}
