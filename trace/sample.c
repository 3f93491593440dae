/* sample.c: see sample.h. The time is a kernel timer's, so the clock arms for it as for any other and nothing of the
 * kernel's is ever late or lost. */
#include "trace/sample.h"

#include "arch/x86_64/asm.h"
#include "bpf/ctx.h"
#include "kernel/entry.h"
#include "kernel/kmem.h"

struct sampler {
	struct ktimer timer;
	struct trace_prog *prog;
	uint64_t period_ns;
	unsigned hz;
	uint64_t idle;
};

extern const char ist_irq_top[], __ktext_start[], __ktext_end[];

/* Whom the interrupt that is being handled has interrupted. A timer is not told; but every interrupt's frame begins on
 * one stack (entry.S), from where it is copied, and until interrupts are on again the original stays as it is. */
static struct bpf_pt_regs interrupted;

static void read_interrupted(void)
{
	const struct trap_frame *f = (const struct trap_frame *)((uint64_t)ist_irq_top - FRAME_SIZE);

	memcpy(&interrupted, f, offsetof(struct bpf_pt_regs, orig_rax));
	interrupted.orig_rax = 0;
	memcpy(&interrupted.rip, &f->rip, 5 * sizeof(uint64_t));
}
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "entry.S pushes this");
_Static_assert(offsetof(struct trap_frame, vector) == offsetof(struct bpf_pt_regs, orig_rax), "the same order");
_Static_assert(sizeof(struct bpf_pt_regs) == offsetof(struct bpf_pt_regs, rip) + 5 * sizeof(uint64_t), "rip to ss");

/* SDM vol. 3A 6.12.1 (the frame) and vol. 2A, HLT: an interrupt's return address is behind the HLT that it ended. The
 * kernel halts by "sti; hlt; cli" only. */
static bool halted(void)
{
	const uint8_t *at = (const uint8_t *)interrupted.rip;

	return !(interrupted.cs & 3) && interrupted.rip >= (uint64_t)__ktext_start + 2 &&
	       interrupted.rip < (uint64_t)__ktext_end && at[-2] == 0xfb && at[-1] == 0xf4 && at[0] == 0xfa;
}

static void fire(struct ktimer *t)
{
	struct sampler *s = container_of(t, struct sampler, timer);
	uint64_t due = t->deadline_ns, now = clock_monotonic_ns();
	struct bpf_perf_event_context ctx;

	/* Late, or the host stood still: what was missed is not made up for. */
	ktimer_start(t, now - due < s->period_ns ? due + s->period_ns : now + s->period_ns, fire);
	read_interrupted();
	/* It fell due before the thread went to sleep (schedule() notes when): the kernel was at work for it. */
	if (halted() && due >= current()->switched_in_ns) {
		s->idle++;
		return;
	}
	ctx.regs = interrupted;
	ctx.sample_period = s->period_ns;
	ctx.addr = 0;
	trace_regs = &interrupted;
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
