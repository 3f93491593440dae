/* sample.c: see sample.h. The time is a kernel timer's, so the clock arms for it as for any other and nothing of the kernel's
 * is ever late or lost. What such a timer does not know is whom it interrupted: while there are samplers the vector's gate
 * leads past sample_entry.S, which copies the registers. */
#include "trace/sample.h"

#include "arch/x86_64/asm.h"
#include "bpf/ctx.h"
#include "kernel/kmem.h"
#include "trace/gate.h"

struct sampler {
	struct ktimer timer;
	struct trace_prog *prog;
	uint64_t period_ns;
	unsigned hz;
	uint64_t idle;
};

extern struct bpf_pt_regs sample_regs;
extern uint64_t sample_old_entry;
extern const char sample_entry[], __ktext_start[], __ktext_end[];

static unsigned samplers;

/* SDM vol. 3A 6.12.1 (the frame) and vol. 2A, HLT: an interrupt's return address is behind the HLT that it ended. The
 * kernel halts by "sti; hlt; cli" only. */
static bool halted(void)
{
	const uint8_t *at = (const uint8_t *)sample_regs.rip;

	return !(sample_regs.cs & 3) && sample_regs.rip >= (uint64_t)__ktext_start + 2 &&
	       sample_regs.rip < (uint64_t)__ktext_end && at[-2] == 0xfb && at[-1] == 0xf4 && at[0] == 0xfa;
}

static void fire(struct ktimer *t)
{
	struct sampler *s = container_of(t, struct sampler, timer);
	uint64_t due = t->deadline_ns, now = clock_monotonic_ns();
	struct bpf_perf_event_context ctx;

	/* Late, or the host stood still: what was missed is not made up for. */
	ktimer_start(t, now - due < s->period_ns ? due + s->period_ns : now + s->period_ns, fire);
	/* It fell due before the thread went to sleep (schedule() notes when): the kernel was at work for it. */
	if (halted() && due >= current()->switched_in_ns) {
		s->idle++;
		return;
	}
	ctx.regs = sample_regs;
	ctx.sample_period = s->period_ns;
	ctx.addr = 0;
	trace_regs = &sample_regs;
	trace_run(s->prog, &ctx, 0);
	trace_regs = NULL;
}

int sample_attach(struct trace_prog *p, unsigned hz)
{
	struct sampler *s;

	if (hz < 1 || hz > SAMPLE_HZ_MAX)
		return -EINVAL;
	if (p->sampler)
		return -EEXIST;
	s = kzalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->prog = p;
	s->hz = hz;
	s->period_ns = NSEC_PER_SEC / hz;
	p->sampler = s;
	if (samplers++ == 0)
		sample_old_entry = gate_exchange(VECTOR_TIMER, (uint64_t)sample_entry);
	ktimer_start(&s->timer, clock_monotonic_ns() + s->period_ns, fire);
	return 0;
}

void sample_detach(struct trace_prog *p)
{
	struct sampler *s = p->sampler;

	if (!s)
		return;
	ktimer_cancel(&s->timer);
	p->sampler = NULL;
	if (--samplers == 0)
		gate_exchange(VECTOR_TIMER, sample_old_entry);
	kfree(s);
}

unsigned sample_rate(const struct trace_prog *p)
{
	return p->sampler ? p->sampler->hz : 0;
}

uint64_t sample_idle(const struct trace_prog *p)
{
	return p->sampler ? p->sampler->idle : 0;
}
