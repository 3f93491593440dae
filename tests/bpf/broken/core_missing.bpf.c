/* A field that the image does not have, and that is read nevertheless. */
// REFUSED: this path uses a type or field that the image does not have
#include "tests/bpf/guest/image.h"
struct subject___wrong {
	int colourful;
} __attribute__((preserve_access_index));
SEC("syscall") int run(void *ctx)
{
	return BPF_CORE_READ((struct subject___wrong *)SUBJECT, colourful);
}
