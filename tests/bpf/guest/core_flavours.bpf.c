/* Two ideas of one type; that which fits the image is used. */
// RUN: run = 1100
#include "image.h"
struct subject___old {
	long first_of_all;
} __attribute__((preserve_access_index));
struct subject___new {
	long first;
} __attribute__((preserve_access_index));
SEC("syscall") int run(void *ctx)
{
	struct subject___old *old = (void *)SUBJECT;
	struct subject___new *new = (void *)SUBJECT;

	if (bpf_core_field_exists(old->first_of_all))
		return BPF_CORE_READ(old, first_of_all);
	return BPF_CORE_READ(new, first) + 1000;
}
