/* fake_virtio.h: a virtio device for fuzz_virtio.c, over MMIO or PCI: registers that answer as the standard says but where the
 * input says otherwise, and rings that it fills as the input says. Registers are pages without rights: each access
 * faults, is looked at, and done in a single step (fake_virtio.c). */
#ifndef TESTS_FUZZ_FAKE_VIRTIO_H
#define TESTS_FUZZ_FAKE_VIRTIO_H

#include "tests/fuzz/kernel_host.h"

/* A device of this kind, on the command line or on PCI. The input says how it is broken. */
void fake_start(struct input *in, uint32_t id, bool pci);
/* The device does something, as the input says: to a ring, to its configuration. */
void fake_turn(struct input *in);
/* Its interrupt, if it was asked for one. */
void fake_interrupt(void);

#endif
