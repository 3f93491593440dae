/* A hook of Linux's. */
// REFUSED: section 'fentry/tick' has no hook here
#include "tests/bpf/guest/image.h"
SEC("fentry/tick") int run(void *ctx)
{
	return 0;
}
