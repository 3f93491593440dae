/* funclatency.h: what tools/funclatency.bpf.c gathers for tools/funclatency.c. */
#ifndef TOOLS_FUNCLATENCY_H
#define TOOLS_FUNCLATENCY_H

#include "tools/log2.bpf.h"

struct latencies {
	unsigned long count, total_ns, max_ns;
	unsigned long slots[LOG2_SLOTS]; /* of the chosen unit */
};

#endif
