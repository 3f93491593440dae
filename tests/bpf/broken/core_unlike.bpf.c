/* A field of that name is of another sort: a number, not a structure. */
// REFUSED: this path uses a type or field that the image does not have
#include "tests/bpf/guest/image.h"
struct inside {
	int n;
};
struct subject___unlike {
	struct inside narrow;
} __attribute__((preserve_access_index));
SEC("syscall") int run(void *ctx)
{
	return BPF_CORE_READ((struct subject___unlike *)SUBJECT, narrow.n);
}
