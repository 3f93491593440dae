/* idt.h: an entry of the interrupt descriptor table. What goes into it is in traps.c. */
#ifndef UIO_ARCH_IDT_H
#define UIO_ARCH_IDT_H

#include <stdint.h>

/* SDM vol. 3A, figure 6-8 */
struct idt_gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_mid;
	uint32_t offset_high, zero;
};
_Static_assert(sizeof(struct idt_gate) == 16, "SDM vol. 3A 6.14.1");

#endif
