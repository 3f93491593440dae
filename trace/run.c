/* run.c: see run.h. */
#include "trace/run.h"

#include "kernel/clock.h"

uint8_t trace_running;
struct trace_prog *trace_program;
uint64_t trace_func_ip;
const struct bpf_pt_regs *trace_regs;
const struct thread *trace_thread_override;
static uint64_t start_tsc, start_ns;

static uint64_t tsc(void)
{
	return __builtin_ia32_rdtsc();
}

const struct thread *trace_thread(void)
{
	return trace_thread_override ? trace_thread_override : current();
}

void trace_clock_init(void)
{
	start_tsc = tsc();
	start_ns = clock_monotonic_ns();
}

uint64_t trace_run(struct trace_prog *p, void *ctx, uint64_t func_ip)
{
	uint64_t r0, before;

	if (trace_running) {
		p->misses++;
		return 0;
	}
	trace_running = TRACE_RUNS;
	trace_program = p;
	trace_func_ip = func_ip;
	before = tsc();
	r0 = p->prog.jited(ctx, 0);
	p->cycles += tsc() - before;
	p->runs++;
	trace_func_ip = 0;
	trace_running = 0;
	return r0;
}

/* value * ns / cycles without overflow, to about six digits. */
uint64_t trace_prog_ns(const struct trace_prog *p)
{
	uint64_t cycles = tsc() - start_tsc, ns = clock_monotonic_ns() - start_ns;
	uint64_t per_mega;

	while (cycles >> 40) {
		cycles >>= 1;
		ns >>= 1;
	}
	if (!cycles)
		return 0;
	per_mega = ns * 1000000 / cycles; /* nanoseconds of a million cycles */
	return p->cycles / 1000000 * per_mega + p->cycles % 1000000 * per_mega / 1000000;
}
