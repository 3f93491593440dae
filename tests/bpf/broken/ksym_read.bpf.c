/* A symbol is an address, not memory that a program may read. */
// REFUSED: run: insn
#include "tests/bpf/guest/image.h"
SEC("syscall") int run(void *ctx)
{
	return *(volatile const char *)&subject;
}
