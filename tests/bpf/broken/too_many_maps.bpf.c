/* More maps than an object may have. */
// REFUSED: an object has 64 at most
#include "tests/bpf/guest/image.h"
#define MAP(n) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, int); } m##n SEC(".maps");
#define MAPS(n) MAP(n##0) MAP(n##1) MAP(n##2) MAP(n##3) MAP(n##4) MAP(n##5) MAP(n##6) MAP(n##7) MAP(n##8) MAP(n##9)
MAPS(1) MAPS(2) MAPS(3) MAPS(4) MAPS(5) MAPS(6) MAPS(7)
SEC("syscall") int run(void *ctx)
{
	return 0;
}
