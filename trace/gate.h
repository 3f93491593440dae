/* gate.h: the entries of the interrupt descriptor table, from the loaded part. */
#ifndef UIO_TRACE_GATE_H
#define UIO_TRACE_GATE_H

#include "arch/x86_64/idt.h"

/* The vector's gate. */
struct idt_gate *gate_of(unsigned vector);
/* Lets it lead to another address, and returns the one before. At once for everything that runs here: one CPU,
 * interrupts off, and not for vectors that come all the same (NMI). */
uint64_t gate_exchange(unsigned vector, uint64_t entry);

#endif
