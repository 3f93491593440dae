/* Arguments, read and written in place. */
// RUN: run 0300000004000000 = 12 0300000010000000
#include "guest.h"
struct arguments {
	int a, b;
};
SEC("syscall") int run(struct arguments *ctx)
{
	int r = ctx->a * ctx->b;

	ctx->b += r;
	return r;
}
