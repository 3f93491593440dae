/* kernel_host.h: the kernel below a fuzz target's subject (kernel_host.c): memory from malloc, so that the sanitizers see each
 * object and frame, with every n-th allocation failing if asked; one thread, whose waits are the target's; a clock that goes
 * on when it is looked at. */
#ifndef TESTS_FUZZ_KERNEL_HOST_H
#define TESTS_FUZZ_KERNEL_HOST_H

#include "kernel/types.h"

extern unsigned long host_objects, host_frames;	/* handed out now */
extern unsigned long host_allocations;		/* since the start of this input */
extern unsigned long host_fail_at;		/* the allocation of this number fails; 0: none does */
extern bool host_memory_short;			/* page_get_stats() says so */
extern uint64_t host_now_ns;
extern uint64_t host_tick_ns;			/* each look at the clock takes this long */

/* The target's: what happens while the thread waits. True: it was woken, or what it waits for may have come. */
bool host_waits(void);
/* The target's: somebody looks at the clock, perhaps in a loop. */
void host_looks(void);

/* Memory that nobody gave back, from inputs that ended a driver in the middle: gone. */
void host_forget(void);

/* What a target that has it compiled in (the pragma of host_reset.h) may set back to what it was before the first input. */
void host_reset(void);

/* The bytes of an input, taken one after the other; zeros at its end. */
struct input {
	const uint8_t *at;
	size_t left;
};
static inline uint32_t take(struct input *in, unsigned bytes)
{
	uint32_t v = 0;

	while (bytes-- && in->left) {
		v = v << 8 | *in->at++;
		in->left--;
	}
	return v;
}

#endif
