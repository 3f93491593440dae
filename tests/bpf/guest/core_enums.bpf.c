/* Values of enumerators are the image's. */
// RUN: run = 21
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;

	return bpf_core_enum_value(enum colour, RED) + bpf_core_enum_value(enum colour, GREEN) + BPF_CORE_READ(s, colour);
}
