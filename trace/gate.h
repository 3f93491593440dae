/* gate.h: the entries of the interrupt descriptor table, from the loaded part. */
#ifndef UIO_TRACE_GATE_H
#define UIO_TRACE_GATE_H

#include "kernel/types.h"

/* SDM vol. 3A 6.14.1. */
struct idt_gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_high, zero;
};
_Static_assert(sizeof(struct idt_gate) == 16, "SDM vol. 3A 6.14.1");

/* The vector's gate. */
struct idt_gate *gate_of(unsigned vector);
/* Lets it lead to another address, and returns the one before. At once for everything that runs here: one CPU,
 * interrupts off, and not for vectors that come all the same (NMI). */
uint64_t gate_exchange(unsigned vector, uint64_t entry);

#endif
