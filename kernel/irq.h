/* irq.h: interrupt vectors for drivers. Handlers run with interrupts off, on the interrupted thread's stack or the
 * idle stack; they may wake threads and touch kernel data, and must not block or touch user memory. */
#ifndef UIO_KERNEL_IRQ_H
#define UIO_KERNEL_IRQ_H

#include "kernel/types.h"

typedef void (*irq_handler)(void *arg);

/* An IOAPIC input (global system interrupt), level-triggered and active high as virtio-mmio on microvm drives it, or
 * edge. Several handlers may share one gsi. 0, -ENOMEM, -EINVAL. */
int irq_request_gsi(unsigned gsi, bool level, irq_handler fn, void *arg);
/* A vector for message-signalled interrupts; *ret_address and *ret_data go into the MSI-X table entry
 * (SDM vol. 3A, 10.11 "Message Signalled Interrupts"). 0 or -ENOSPC. */
int irq_request_msi(irq_handler fn, void *arg, uint64_t *ret_address, uint32_t *ret_data);

#endif
