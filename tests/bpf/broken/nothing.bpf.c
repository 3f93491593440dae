/* Nothing but a map. */
// REFUSED: there are no programs
#include "tests/bpf/guest/image.h"
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} map SEC(".maps");
