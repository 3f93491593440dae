/* log2.bpf.h: slots of histograms, for the programs of tools. */
#ifndef TOOLS_LOG2_BPF_H
#define TOOLS_LOG2_BPF_H

#define LOG2_SLOTS 64

/* The slot of v: 0 for 0 and 1, n for 2^n to 2^(n+1) - 1. */
static __attribute__((always_inline)) inline unsigned int log2_slot(unsigned long v)
{
	unsigned int slot = 0;

	if (v >> 32) {
		slot += 32;
		v >>= 32;
	}
	if (v >> 16) {
		slot += 16;
		v >>= 16;
	}
	if (v >> 8) {
		slot += 8;
		v >>= 8;
	}
	if (v >> 4) {
		slot += 4;
		v >>= 4;
	}
	if (v >> 2) {
		slot += 2;
		v >>= 2;
	}
	return (slot + (v > 1)) & (LOG2_SLOTS - 1);
}

#endif
