/* proc_sys.c: the files of /proc that tell of the whole system, in Linux's formats (proc(5)). */
#include "fs/proc.h"
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/page.h"
#include "kernel/thread.h"

typedef unsigned long long ull;

#define NSEC_PER_TICK (NSEC_PER_SEC / 100) /* USER_HZ is 100 */

/* Nothing is cached, buffered or swapped: those lines are there for the tools that add them up. */
static void show_meminfo(struct proc_text *t, const struct proc_key *k)
{
	static const char names[] =
		"MemTotal\0MemFree\0MemAvailable\0Slab\0Buffers\0Cached\0SwapCached\0SwapTotal\0SwapFree\0"
		"Shmem\0SReclaimable\0";
	uint64_t bytes, pages[4];
	struct page_stats s;
	unsigned i = 0;

	page_get_stats(&s);
	pages[0] = s.total;
	pages[1] = pages[2] = s.free;
	kmem_get_stats(&bytes, &pages[3]);
	for (const char *name = names; *name; name += strlen(name) + 1, i++)
		proc_printf(t, "%s:%*llu kB\n", name, 24 - (int) strlen(name),
			    i < 4 ? (ull) pages[i] * (PAGE_SIZE / 1024) : 0);
}

static void show_uptime(struct proc_text *t, const struct proc_key *k)
{
	uint64_t now = clock_monotonic_ns() / (NSEC_PER_SEC / 100);
	struct sched_stats s;
	uint64_t idle;

	sched_get_stats(&s);
	idle = s.idle_ns / (NSEC_PER_SEC / 100);
	proc_printf(t, "%llu.%02u %llu.%02u\n", (ull) now / 100, (unsigned) (now % 100), (ull) idle / 100,
		    (unsigned) (idle % 100));
}

/* The CPU's use stands in for the length of the run queue: averaged over the time between two looks, each weighed by
 * its length against the average's minutes. In hundredths. */
static void show_loadavg(struct proc_text *t, const struct proc_key *k)
{
	static const uint64_t minutes[3] = { 1, 5, 15 };
	static uint64_t load[3], last_ns, last_busy;
	uint64_t now = clock_monotonic_ns(), span, busy;
	struct sched_stats s;

	sched_get_stats(&s);
	busy = s.app_ns + s.overlay_ns;
	span = now - last_ns;
	if (span >= NSEC_PER_SEC) {
		uint64_t use = MIN(100, (busy - last_busy) / (span / 100));

		for (int i = 0; i < 3; i++) {
			uint64_t window = minutes[i] * 60 * NSEC_PER_SEC;
			uint64_t weight = span / ((span + window) / 1000); /* permille */

			load[i] = (load[i] * (1000 - weight) + use * weight) / 1000;
		}
		last_ns = now;
		last_busy = busy;
	}
	for (int i = 0; i < 3; i++)
		proc_printf(t, "%u.%02u ", (unsigned) load[i] / 100, (unsigned) load[i] % 100);
	proc_printf(t, "%u/%u %d\n", s.runnable, s.threads, current()->tid);
}

/* Columns: user nice system idle iowait irq softirq steal guest guest_nice. Programs of the overlay, which yield to the
 * application, are the nice ones; time in the kernel is counted as its caller's. */
static void show_stat(struct proc_text *t, const struct proc_key *k)
{
	uint64_t boot = (clock_realtime_ns() - clock_monotonic_ns()) / NSEC_PER_SEC;
	struct sched_stats s;

	sched_get_stats(&s);
	for (int i = 0; i < 2; i++)
		proc_printf(t, "cpu%s %llu %llu 0 %llu 0 0 0 0 0 0\n", i ? "0" : " ", (ull) s.app_ns / NSEC_PER_TICK,
			    (ull) s.overlay_ns / NSEC_PER_TICK, (ull) s.idle_ns / NSEC_PER_TICK);
	proc_printf(t, "intr 0\nctxt %llu\nbtime %llu\nprocesses %d\nprocs_running %u\nprocs_blocked 0\n",
		    (ull) s.switches, (ull) boot, current()->tid, s.runnable);
}

static void show_version(struct proc_text *t, const struct proc_key *k)
{
	proc_printf(t, "Linux version 6.1.0-uio #1 uIO\n");
}

static void show_cpuinfo(struct proc_text *t, const struct proc_key *k)
{
	proc_printf(t, "processor\t: 0\nmodel name\t: x86-64%s\nflags\t\t: fpu tsc msr apic sse sse2%s\n\n",
		    boot_info.hypervisor_kvm ? " (KVM)" : "", boot_info.pku ? " pku ospke" : "");
}

static void show_filesystems(struct proc_text *t, const struct proc_key *k)
{
	proc_printf(t, "nodev\tramfs\nnodev\ttmpfs\nnodev\tproc\nnodev\t9p\n");
}

static void show_cmdline(struct proc_text *t, const struct proc_key *k)
{
	for (size_t i = 0; i < boot_cmdline.option_count; i++)
		proc_printf(t, "uio.%s=%s ", boot_cmdline.options[i].key, boot_cmdline.options[i].value);
	proc_printf(t, "--");
	for (size_t i = 0; i < boot_cmdline.arg_count; i++)
		proc_printf(t, " %s", boot_cmdline.args[i]);
	proc_printf(t, "\n");
}

#define FILE_ENTRY(n) { .name = #n, .mode = PROC_FILE, .show = show_##n }

const struct proc_entry proc_system[] = {
	FILE_ENTRY(cmdline),
	FILE_ENTRY(cpuinfo),
	FILE_ENTRY(filesystems),
	FILE_ENTRY(loadavg),
	FILE_ENTRY(meminfo),
	FILE_ENTRY(stat),
	FILE_ENTRY(uptime),
	FILE_ENTRY(version),
	{ 0 },
};
