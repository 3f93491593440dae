/* What exists: fields, types, enumerators; what is missing is never reached. */
// RUN: run = 42
#include "image.h"
struct subject___later {
	int not_yet;
} __attribute__((preserve_access_index));
struct nothing_such {
	int n;
} __attribute__((preserve_access_index));
enum colour___later { BLUE = 4 };
SEC("syscall") int run(void *ctx)
{
	struct subject___later *s = (void *)SUBJECT;
	int n = 0;

	if (bpf_core_field_exists(s->not_yet))
		return BPF_CORE_READ(s, not_yet);
	if (bpf_core_type_exists(struct nothing_such))
		return 1;
	if (bpf_core_enum_value_exists(enum colour___later, BLUE))
		return bpf_core_enum_value(enum colour___later, BLUE);
	n |= bpf_core_field_exists(struct subject, first) << 1;
	n |= bpf_core_type_exists(struct part) << 3;
	n |= bpf_core_enum_value_exists(enum colour, RED) << 5;
	return n;
}
