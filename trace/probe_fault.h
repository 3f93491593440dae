/* probe_fault.h: page faults of probes' own ways in, where the interrupted stack is used up. */
#ifndef UIO_TRACE_PROBE_FAULT_H
#define UIO_TRACE_PROBE_FAULT_H

/* Once: has the kernel's fault handler ask. */
void probe_fault_init(void);

#endif
