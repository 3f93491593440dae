/* apic.c: the local APIC (xAPIC or x2APIC), the I/O APIC, and the table from vectors to drivers' handlers.
 * SDM vol. 3A chapter 11 (local APIC), Intel 82093AA data sheet (I/O APIC). */
#include "arch/x86_64/asm.h"
#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/irq.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/mmio.h"

#define LAPIC_PHYS 0xfee00000UL
#define IOAPIC_PHYS 0xfec00000UL
#define IOAPIC_PINS_MAX 32

enum { /* register offsets, SDM vol. 3A table 11-1; x2APIC MSR = 0x800 + offset / 16 */
	APIC_ID = 0x20,
	APIC_TPR = 0x80,
	APIC_EOI = 0xb0,
	APIC_SVR = 0xf0,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INIT = 0x380,
	APIC_TIMER_COUNT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};
#define LVT_MASKED (1U << 16)
#define LVT_TSC_DEADLINE (2U << 17)
#define APIC_BASE_ENABLE (1U << 11)
#define APIC_BASE_X2 (1U << 10)

struct handler {
	struct handler *next;
	irq_handler fn;
	void *arg;
};
static struct handler *handlers[VECTORS];
static uint8_t gsi_vector[IOAPIC_PINS_MAX]; /* 0: none yet */
static unsigned next_vector = VECTOR_DEVICE_FIRST;

static volatile uint32_t *lapic; /* NULL: x2APIC */
static volatile uint32_t *ioapic;
static bool deadline_mode;

static uint32_t apic_read(unsigned reg)
{
	return lapic ? lapic[reg / 4] : (uint32_t) rdmsr(MSR_X2APIC + reg / 16);
}

static void apic_write(unsigned reg, uint32_t v)
{
	if (lapic)
		lapic[reg / 4] = v;
	else
		wrmsr(MSR_X2APIC + reg / 16, v);
}

void apic_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	/* The legacy controllers: moved away from the exceptions, then masked. Intel 8259A data sheet, ICW1-4. */
	static const uint8_t icw[][2] = { { 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, 0x20 }, { 0xa1, 0x28 },
		{ 0x21, 4 }, { 0xa1, 2 }, { 0x21, 1 }, { 0xa1, 1 }, { 0x21, 0xff }, { 0xa1, 0xff } };
	for (unsigned i = 0; i < ARRAY_SIZE(icw); i++)
		outb(icw[i][0], icw[i][1]);

	if (cpuid(1, 0).c & (1U << 21))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE | APIC_BASE_X2);
	else {
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
		lapic = mmio_map(LAPIC_PHYS, PAGE_SIZE);
	}
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TIMER_DIVIDE, 0xb); /* by 1 */
	apic_write(APIC_SVR, 0x100 | VECTOR_SPURIOUS);
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_timer_setup(bool tsc_deadline)
{
	deadline_mode = tsc_deadline;
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (tsc_deadline ? LVT_TSC_DEADLINE : 0));
	/* The write of the mode and the first write of the deadline must not be reordered (SDM vol. 3A 11.5.4.1). */
	if (tsc_deadline)
		fence_full();
}

void apic_timer_set(uint64_t ticks)
{
	if (deadline_mode)
		wrmsr(MSR_TSC_DEADLINE, ticks);
	else
		apic_write(APIC_TIMER_INIT, ticks > UINT32_MAX ? UINT32_MAX : ticks);
}

uint32_t apic_timer_read(void)
{
	return apic_read(APIC_TIMER_COUNT);
}

static uint32_t local_id(void)
{
	return lapic ? apic_read(APIC_ID) >> 24 : apic_read(APIC_ID);
}

static uint32_t ioapic_read(unsigned reg)
{
	ioapic[0] = reg;
	return ioapic[4];
}

static void ioapic_write(unsigned reg, uint32_t v)
{
	ioapic[0] = reg;
	ioapic[4] = v;
}

static int add_handler(unsigned vector, irq_handler fn, void *arg)
{
	struct handler *h = kmalloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	*h = (struct handler){ handlers[vector], fn, arg };
	handlers[vector] = h;
	return 0;
}

int irq_request_gsi(unsigned gsi, bool level, irq_handler fn, void *arg)
{
	unsigned vector, pins;
	int r;

	if (!ioapic) {
		ioapic = mmio_map(IOAPIC_PHYS, PAGE_SIZE);
		if (!ioapic)
			return -ENOMEM;
	}
	pins = (ioapic_read(1) >> 16 & 0xff) + 1;
	if (gsi >= pins || gsi >= IOAPIC_PINS_MAX)
		return -EINVAL;
	vector = gsi_vector[gsi];
	if (vector)
		return add_handler(vector, fn, arg);
	if (next_vector >= VECTOR_SPURIOUS)
		return -ENOSPC;
	vector = next_vector;
	r = add_handler(vector, fn, arg);
	if (r < 0)
		return r;
	next_vector++;
	gsi_vector[gsi] = vector;
	ioapic_write(0x11 + 2 * gsi, local_id() << 24);
	ioapic_write(0x10 + 2 * gsi, vector | (level ? 1U << 15 : 0));
	return 0;
}

int irq_request_msi(irq_handler fn, void *arg, uint64_t *ret_address, uint32_t *ret_data)
{
	int r;

	if (next_vector >= VECTOR_SPURIOUS)
		return -ENOSPC;
	r = add_handler(next_vector, fn, arg);
	if (r < 0)
		return r;
	*ret_address = LAPIC_PHYS | (uint64_t) (local_id() & 0xff) << 12;
	*ret_data = next_vector++; /* fixed delivery, edge */
	return 0;
}

void irq_dispatch(unsigned vector)
{
	for (struct handler *h = handlers[vector]; h; h = h->next)
		h->fn(h->arg);
}
