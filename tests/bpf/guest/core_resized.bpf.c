/* A field that is smaller in the image than the program thinks: as many bytes are read as there are. */
// RUN: run = 65244
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;
	unsigned long n = 0;

	bpf_core_read(&n, bpf_core_field_size(s->narrow) <= sizeof(n) ? bpf_core_field_size(s->narrow) : 0, &s->narrow);
	return n;
}
