/* Every section name that has a hook here, in all its spellings. */
// VERIFY: a: accepted
// VERIFY: b: accepted
// VERIFY: c: accepted
// VERIFY: d: accepted
// VERIFY: e: accepted
// VERIFY: f: accepted
// VERIFY: g: accepted
// VERIFY: h: accepted
// VERIFY: i: accepted
// VERIFY: j: accepted
// VERIFY: k: accepted
// VERIFY: l: accepted
#include "guest.h"
#define PROGRAM(section, name) SEC(section) int name(void *ctx) { return 0; }
PROGRAM("kprobe/tick", a)
PROGRAM("kprobe/tick+0", b)
PROGRAM("kretprobe/tick", c)
PROGRAM("uprobe/tick", d)
PROGRAM("uretprobe/tick", e)
PROGRAM("tracepoint/syscalls/sys_enter_write", f)
PROGRAM("tp/syscalls/sys_exit_write", g)
PROGRAM("raw_tp/sched_switch", h)
PROGRAM("raw_tracepoint/sched_switch", i)
PROGRAM("perf_event", j)
SEC("xdp") int k(struct xdp_md *ctx)
{
	return XDP_PASS;
}
PROGRAM("syscall", l)
