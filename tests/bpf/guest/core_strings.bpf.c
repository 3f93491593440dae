/* Strings behind pointers, and in arrays. */
// RUN: run = 24
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;
	char name[16] = "", text[16] = "";
	long n = bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(s, name)), m = BPF_CORE_READ_STR_INTO(&text, s, text);

	return bpf_strncmp(name, 8, "subject") == 0 && bpf_strncmp(text, 16, "fifteen letters") == 0 ? n + m : 0;
}
