/* Elements of arrays, and of arrays of arrays. */
// RUN: run = 35
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;
	int row[4];

	BPF_CORE_READ_INTO(&row, s, grid[2]);
	return BPF_CORE_READ(s, grid[1][2]) + row[3];
}
