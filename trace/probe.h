/* probe.h: programs at the start of a function, at an instruction in it, or where it returns. A probe is a breakpoint
 * (INT3) in the place of the instruction's first byte; the instruction itself is done elsewhere. Attaching and
 * detaching change one byte, so they are atomic and may happen while the function runs. */
#ifndef UIO_TRACE_PROBE_H
#define UIO_TRACE_PROBE_H

#include "trace/run.h"

/* What a program gets to see: the registers, or a system call's record as Linux's tracepoints lay it out. */
#define PROBE_REGISTERS (-1)

/* Program p on the function at `function` (`name` for lists, copied), `offset` bytes behind its start, or where it
 * returns. `syscall`: PROBE_REGISTERS, or the number of the call that the function (a linux_NAME) is. 0; -EINVAL: not
 * in the image's code, or the instruction there cannot be moved; -EEXIST; -ENOMEM; -EPERM: code that must not stop
 * there; -EACCES: the program reads more than the record has. */
int probe_attach(struct trace_prog *p, uint64_t function, uint32_t offset, bool at_return, int syscall,
		 const char *name);
/* Takes p off everything. */
void probe_detach_all(struct trace_prog *p);
/* What p is on, as text: "name+0x4 name2%return"; returns false if it did not fit (then it ends with "..."). */
bool probe_list(const struct trace_prog *p, char *buf, size_t size);

/* Once: takes the breakpoint vector over. */
int probe_init(void);

#endif
