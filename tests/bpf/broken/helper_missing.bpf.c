/* A helper that Linux has. */
// REFUSED: get_cgroup_classid
#include "tests/bpf/guest/image.h"
SEC("syscall") int run(struct __sk_buff *ctx)
{
	return bpf_get_cgroup_classid(ctx);
}
