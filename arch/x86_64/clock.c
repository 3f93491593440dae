/* clock.c: time from the TSC, the one-shot timer behind ktimers, and the wall clock. Tickless: the timer is armed for
 * the next thing due and for nothing else. */
#include "kernel/clock.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/mmio.h"
#include "kernel/page.h"

static uint64_t tsc_start;	/* TSC at boot: monotonic 0 */
static uint64_t tsc_to_ns;	/* ns per tick, 32.32 */
static uint64_t ns_to_timer;	/* timer ticks (APIC, or TSC in deadline mode) per ns, 32.32 */
static bool deadline_mode;
static uint64_t realtime_base_ns; /* wall clock at monotonic 0 */
static struct list timers = LIST_INIT(timers); /* by deadline */
static uint64_t slice_end_ns = TIME_NEVER; /* the scheduler's */
static uint64_t armed_ns = TIME_NEVER;

static uint64_t mul_shift32(uint64_t a, uint64_t factor)
{
	return (uint64_t) ((unsigned __int128) a * factor >> 32);
}

uint64_t clock_monotonic_ns(void)
{
	return mul_shift32(rdtsc() - tsc_start, tsc_to_ns);
}

uint64_t clock_realtime_ns(void)
{
	return realtime_base_ns + clock_monotonic_ns();
}

void clock_set_realtime_ns(uint64_t now_ns)
{
	realtime_base_ns = now_ns - clock_monotonic_ns();
}

/* Only ever brings the timer forward: one that fires early sets itself again, and costs less than taking each deadline back
 * that did not come to pass (a timer that woke nobody, a slice that was not used up). */
static void arm(void)
{
	uint64_t next = slice_end_ns, now, delta;

	if (!list_empty(&timers))
		next = MIN(next, list_first(&timers, struct ktimer, node)->deadline_ns);
	if (next >= armed_ns)
		return;
	armed_ns = next;
	now = clock_monotonic_ns();
	delta = next > now ? next - now : 0;
	/* Far deadlines are reached in steps: the counter has 32 bits. */
	if (delta > NSEC_PER_SEC)
		delta = NSEC_PER_SEC;
	if (deadline_mode)
		apic_timer_set(rdtsc() + mul_shift32(delta, ns_to_timer) + 1);
	else
		apic_timer_set(mul_shift32(delta, ns_to_timer) + 1);
}

void ktimer_start(struct ktimer *t, uint64_t deadline_ns, void (*fire)(struct ktimer *))
{
	struct ktimer *at;

	ktimer_cancel(t);
	t->deadline_ns = deadline_ns;
	t->fire = fire;
	t->pending = true;
	list_for_each (at, &timers, node)
		if (at->deadline_ns > deadline_ns)
			break;
	list_insert_before(&at->node, &t->node);
	arm();
}

void ktimer_cancel(struct ktimer *t)
{
	if (!t->pending)
		return;
	list_del(&t->node);
	t->pending = false;
	arm();
}

void clock_set_slice(uint64_t end_ns);
void clock_set_slice(uint64_t end_ns)
{
	slice_end_ns = end_ns;
	arm();
}

void clock_want_slice(uint64_t end_ns);
void clock_want_slice(uint64_t end_ns)
{
	clock_set_slice(MIN(slice_end_ns, end_ns));
}

void clock_interrupt(void)
{
	uint64_t now = clock_monotonic_ns();
	struct ktimer *t;

	armed_ns = TIME_NEVER; /* what the hardware held is spent */
	while ((t = list_first(&timers, struct ktimer, node)) && t->deadline_ns <= now) {
		list_del(&t->node);
		t->pending = false;
		t->fire(t);
	}
	if (slice_end_ns <= now) {
		slice_end_ns = TIME_NEVER;
		need_resched = true;
	}
	arm();
}

#define PIT_HZ 1193182ULL /* Intel 8254 data sheet; 14.31818 MHz / 12 */
#define CALIBRATE_TICKS 2400 /* about 2 ms */

static uint16_t pit_read(void)
{
	uint8_t lo;

	outb(0x43, 0x80); /* latch counter 2 */
	lo = inb(0x42);
	return lo | inb(0x42) << 8;
}

/* Times TSC and APIC timer against the PIT's counter 2. False when the PIT does not count. */
static bool calibrate_pit(uint64_t *ret_tsc_hz, uint64_t *ret_apic_hz)
{
	uint64_t tsc0, tsc1;
	uint32_t apic0, apic1;
	uint16_t from, now = 0;
	unsigned tries = 0;

	outb(0x61, (inb(0x61) & ~2) | 1); /* gate on, speaker off */
	outb(0x43, 0xb0);		  /* counter 2, both bytes, mode 0 */
	outb(0x42, 0xff);
	outb(0x42, 0xff);
	do
		from = pit_read();
	while (from > 0xfff0 && ++tries < 100000);
	tsc0 = rdtsc();
	apic0 = apic_timer_read();
	for (tries = 0; tries < 1000000; tries++) {
		now = pit_read();
		if ((uint16_t) (from - now) >= CALIBRATE_TICKS)
			break;
	}
	tsc1 = rdtsc();
	apic1 = apic_timer_read();
	if ((uint16_t) (from - now) < CALIBRATE_TICKS)
		return false;
	*ret_tsc_hz = (tsc1 - tsc0) * PIT_HZ / (uint16_t) (from - now);
	*ret_apic_hz = (uint64_t) (apic0 - apic1) * PIT_HZ / (uint16_t) (from - now);
	return *ret_tsc_hz && *ret_apic_hz;
}

/* QEMU's emulated APIC timer counts nanoseconds, so a quarter of the time gives as good a rate as the PIT's. The end points
 * are taken several times: a host that interrupts one of them makes it longer than the others. */
#define APIC_HZ NSEC_PER_SEC
#define APIC_TICKS 500000
#define SAMPLES 5

static uint64_t sample_tsc(uint32_t *ret_apic)
{
	uint64_t tsc = 0, shortest = UINT64_MAX;

	for (unsigned i = 0; i < SAMPLES; i++) {
		uint64_t before = rdtsc(), length;
		uint32_t apic = apic_timer_read();

		length = rdtsc() - before;
		if (length >= shortest)
			continue;
		shortest = length;
		tsc = before + length / 2;
		*ret_apic = apic;
	}
	return tsc;
}

static uint64_t calibrate_apic(void)
{
	uint32_t from = 0, to = 0;
	uint64_t start = sample_tsc(&from), end;

	while (from - apic_timer_read() < APIC_TICKS)
		;
	end = sample_tsc(&to);
	return (end - start) * APIC_HZ / (from - to);
}

static bool is_tcg(void)
{
	struct cpuid_regs r = cpuid(0x40000000, 0);

	return r.b == 0x54474354 && r.c == 0x43544743 && r.d == 0x47435447; /* "TCGTCGTCGTCG" */
}

/* KVM's paravirtual clock tells the TSC's rate: Linux, Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW. */
#define MSR_KVM_SYSTEM_TIME_NEW 0x4b564d01
struct pvclock {
	uint32_t version, pad0;
	uint64_t tsc_timestamp, system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags, pad[2];
};

static uint64_t kvm_tsc_hz(void)
{
	struct cpuid_regs r = cpuid(0x40000000, 0);
	struct paddr page;
	volatile struct pvclock *pv;
	uint64_t hz = 0;

	if (r.b != 0x4b4d564b || r.c != 0x564b4d56 || r.d != 0x4d) /* "KVMKVMKVM" */
		return 0;
	boot_info.hypervisor_kvm = true;
	if (!(cpuid(0x40000001, 0).a & (1U << 3)) || page_alloc_zeroed(&page) < 0)
		return 0;
	pv = phys_to_virt(page);
	wrmsr(MSR_KVM_SYSTEM_TIME_NEW, page.pa | 1);
	if (pv->tsc_to_system_mul) {
		/* ns = (ticks << shift) * mul >> 32 */
		hz = (NSEC_PER_SEC << 32) / pv->tsc_to_system_mul;
		hz = pv->tsc_shift < 0 ? hz << -pv->tsc_shift : hz >> pv->tsc_shift;
	}
	wrmsr(MSR_KVM_SYSTEM_TIME_NEW, 0);
	page_put(page);
	return hz;
}

static unsigned rtc_byte(unsigned reg, bool binary)
{
	unsigned v;

	outb(0x70, reg);
	v = inb(0x71);
	return binary ? v : (v >> 4) * 10 + (v & 15);
}

/* The CMOS clock (MC146818A data sheet), taken to be UTC, in seconds since 1970. */
static uint64_t rtc_seconds(void)
{
	unsigned s, m, h, d, mon, y, tries = 0;
	bool binary, again;
	int64_t days;

	outb(0x70, 0x0b);
	binary = inb(0x71) & 4;
	do {
		s = rtc_byte(0, binary);
		m = rtc_byte(2, binary);
		h = rtc_byte(4, binary);
		d = rtc_byte(7, binary);
		mon = rtc_byte(8, binary);
		y = rtc_byte(9, binary) + 2000;
		again = rtc_byte(0, binary) != s;
	} while (again && ++tries < 10);
	if (mon < 1 || mon > 12 || d < 1 || d > 31)
		return 0;
	/* Days since 1970 of a Gregorian date, years starting in March. */
	if (mon <= 2)
		y--;
	days = 365LL * y + y / 4 - y / 100 + y / 400 + (153 * (mon > 2 ? mon - 3 : mon + 9) + 2) / 5 + d - 1 - 719468;
	return ((uint64_t) days * 24 + h) * 3600 + m * 60 + s;
}

void clock_init(void)
{
	uint64_t tsc_hz = kvm_tsc_hz(), apic_hz = 0, hz;
	bool deadline = cpuid(1, 0).c & (1U << 24);

	tsc_start = rdtsc();
	apic_timer_set(UINT32_MAX); /* counts, masked */
	if (!tsc_hz || !deadline) {
		uint64_t measured = 0;

		/* Without a PIT: KVM's APIC timer runs at 1 GHz, too. */
		if (is_tcg() || !calibrate_pit(&measured, &apic_hz)) {
			apic_hz = APIC_HZ;
			measured = calibrate_apic();
		}
		if (!tsc_hz)
			tsc_hz = measured;
	}
	apic_timer_set(0);
	tsc_to_ns = (NSEC_PER_SEC << 32) / tsc_hz; /* the dividend is less than 2^62 */
	deadline_mode = deadline;
	/* hz << 32 may have more than 64 bits, and libgcc's division of so many has 300 bytes. */
	hz = deadline ? tsc_hz : apic_hz;
	ns_to_timer = (hz / NSEC_PER_SEC << 32) + (hz % NSEC_PER_SEC << 32) / NSEC_PER_SEC;
	apic_timer_setup(deadline);
	realtime_base_ns = rtc_seconds() * NSEC_PER_SEC;
	clock_set_realtime_ns(realtime_base_ns);
}
