/* Fields by name, though the image has them elsewhere. */
// RUN: run = 347
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;

	return BPF_CORE_READ(s, first) + BPF_CORE_READ(s, next, first) + bpf_core_field_offset(struct subject, first) +
	       (BPF_CORE_READ(s, next, next) == 0) * 7;
}
