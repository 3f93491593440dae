/* Members of structures and unions without a name. */
// RUN: run = 16909064
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;
	char b = 0;

	bpf_core_read(&b, 1, &s->part.bytes[0]);
	return BPF_CORE_READ(s, part.number) + BPF_CORE_READ(s, part.a) * 0 + b;
}
