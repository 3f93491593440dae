/* probe.h: programs at the start of a function, at an instruction in it, or where it returns. What stands there is a jump or
 * a breakpoint (site.h); attaching and detaching are atomic and may happen while the function runs. */
#ifndef UIO_TRACE_PROBE_H
#define UIO_TRACE_PROBE_H

#include "trace/run.h"

/* What a program gets to see: the registers, or a system call's record as Linux's tracepoints lay it out. */
#define PROBE_REGISTERS (-1)
/* Not for programs by themselves: the three places of raw_tp/sched_switch (trace/switch.h). */
#define PROBE_SWITCH	(-2) /* arch_switch(): one thread to another */
#define PROBE_IDLE	(-3) /* schedule() is about to halt the CPU */
#define PROBE_SCHEDULED (-4) /* schedule() returns */

/* Program p on the function at `function` (`name` for lists, copied), `offset` bytes behind its start, or where it
 * returns. `syscall`: PROBE_REGISTERS, or the number of the call that the function (a linux_NAME) is. 0; -EINVAL: not
 * in the image's code, or the instruction there cannot be moved; -EEXIST; -ENOMEM; -EPERM: code that must not stop
 * there; -EACCES: the program reads more than the record has; -EOPNOTSUPP: its return cannot be probed. */
int probe_attach(struct trace_prog *p, uint64_t function, uint32_t offset, bool at_return, int syscall,
		 const char *name);
/* Takes p off everything. */
void probe_detach_all(struct trace_prog *p);
/* What p is on, as text: "name+0x4 name2%return"; returns false if it did not fit (then it ends with "..."). */
bool probe_list(const struct trace_prog *p, char *buf, size_t size);

/* How p's probes stand in the code, as text: "nop:1 jump:20 int3:2" (site.h). Returns buf. */
#define PROBE_WAYS_MAX 64
const char *probe_ways(const struct trace_prog *p, char buf[PROBE_WAYS_MAX]);

/* Once: takes the breakpoint vector over. */
int probe_init(void);

#endif
