/* gate.c: see gate.h. */
#include "trace/gate.h"

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

struct idt_gate *gate_of(unsigned vector)
{
	struct table idt;

	__asm__ volatile("sidt %0" : "=m"(idt));
	return (struct idt_gate *)idt.base + vector;
}

uint64_t gate_exchange(unsigned vector, uint64_t entry)
{
	struct idt_gate *g = gate_of(vector);
	uint64_t old = (uint64_t)g->offset_high << 32 | (uint32_t)g->offset_mid << 16 | g->offset_low;

	g->offset_low = (uint16_t)entry;
	g->offset_mid = (uint16_t)(entry >> 16);
	g->offset_high = (uint32_t)(entry >> 32);
	return old;
}
