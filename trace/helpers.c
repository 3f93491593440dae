/* helpers.c: the helpers that need the guest: memory that may not be there, time, who runs, printing. Numbers and
 * results are Linux's (include/uapi/linux/bpf.h). All run with interrupts off, and some while the kernel is in the
 * middle of something: they touch no kernel data but the thread's. */
#include "bpf/helper.h"
#include "bpf/insn.h"
#include "bpf/xdp.h"

#include "kernel/clock.h"
#include "linux/process.h"
#include "trace/format.h"
#include "trace/load.h"
#include "trace/peek.h"
#include "trace/print.h"
#include "trace/run.h"
#include "trace/stack.h"

#define HELPER(name) static uint64_t name(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)

HELPER(probe_read)
{
	return (uint64_t)peek((void *)r1, r3, (uint32_t)r2);
}

HELPER(probe_read_str)
{
	return (uint64_t)peek_string((char *)r1, r3, (uint32_t)r2);
}

HELPER(ktime_get_ns)
{
	return clock_monotonic_ns();
}

HELPER(ktime_get_tai_ns)
{
	return clock_realtime_ns();
}

/* Linux's jiffies at 250 a second. */
HELPER(jiffies64)
{
	return clock_monotonic_ns() / 4000000;
}

HELPER(get_prandom_u32)
{
	static uint64_t state;

	/* splitmix64 (Steele, Lea, Flood 2014) over the TSC. */
	state += 0x9e3779b97f4a7c15ULL + __builtin_ia32_rdtsc();
	r1 = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ULL;
	r1 = (r1 ^ r1 >> 27) * 0x94d049bb133111ebULL;
	return (uint32_t)(r1 ^ r1 >> 31);
}

HELPER(get_current_pid_tgid)
{
	const struct thread *t = trace_thread();

	if (!t)
		return 0;
	return (uint64_t)(t->proc ? t->proc->pid : 0) << 32 | (uint32_t)t->tid;
}

HELPER(get_current_uid_gid)
{
	return 0;
}

HELPER(get_current_comm)
{
	const struct thread *t = trace_thread();
	size_t n = t ? strlen(t->name) : 0;

	memset((void *)r1, 0, (uint32_t)r2);
	memcpy((void *)r1, t ? t->name : "", MIN(n, (uint32_t)r2 - 1));
	return 0;
}

HELPER(get_current_task)
{
	return (uint64_t)trace_thread();
}

HELPER(get_func_ip)
{
	return trace_func_ip;
}

HELPER(get_attach_cookie)
{
	return 0;
}

/* One line: a newline is put behind it if it has none, as Linux's trace_pipe does. Cut to fit. */
static uint64_t print(const char *format, uint32_t format_size, const uint64_t *args, unsigned count)
{
	char line[256];
	int n = format_text(line, sizeof(line) - 1, format, format_size, args, count);
	size_t length;

	if (n < 0)
		return (uint64_t)n;
	length = strlen(line);
	if (!length || line[length - 1] != '\n')
		line[length++] = '\n';
	print_put(trace_program->owner->id, line, length);
	return (uint64_t)n;
}

HELPER(trace_printk)
{
	const uint64_t args[3] = {r3, r4, r5};

	return print((const char *)r1, (uint32_t)r2, args, 3);
}

HELPER(trace_vprintk)
{
	if (r4 % 8)
		return (uint64_t)-EINVAL;
	return print((const char *)r1, (uint32_t)r2, (const uint64_t *)r3, (uint32_t)r4 / 8);
}

/* The length that the whole text would have, with its NUL. */
HELPER(bpf_snprintf)
{
	int n;

	if (r5 % 8)
		return (uint64_t)-EINVAL;
	n = format_text((char *)r1, (uint32_t)r2, (const char *)r3, FORMAT_MAX, (const uint64_t *)r4, (uint32_t)r5 / 8);
	return (uint64_t)(n < 0 ? n : n + 1);
}

const struct bpf_helpers *trace_helpers(void)
{
	static struct bpf_helpers h;
	static const struct {
		uint16_t number;
		bpf_helper_fn fn;
	} all[] = {
		{4, probe_read},
		{45, probe_read_str},
		{112, probe_read},
		{113, probe_read},
		{114, probe_read_str},
		{115, probe_read_str},
		{5, ktime_get_ns},
		{125, ktime_get_ns},
		{160, ktime_get_ns},
		{208, ktime_get_tai_ns},
		{118, jiffies64},
		{7, get_prandom_u32},
		{14, get_current_pid_tgid},
		{15, get_current_uid_gid},
		{16, get_current_comm},
		{35, get_current_task},
		{173, get_func_ip},
		{174, get_attach_cookie},
		{6, trace_printk},
		{177, trace_vprintk},
		{165, bpf_snprintf},
		{27, stack_get_id},
		{67, stack_get},
	};

	if (!h.fn[4]) {
		bpf_helpers_add_pure(&h);
		bpf_helpers_add_xdp(&h);
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			h.fn[all[i].number] = all[i].fn;
	}
	return &h;
}
