/* virtio_rng.h: random bytes from the host (virtio 1.2, 5.4). Raw: random.h is what consumers want. */
#ifndef UIO_DRIVERS_VIRTIO_RNG_H
#define UIO_DRIVERS_VIRTIO_RNG_H

#include "kernel/types.h"

enum { RNG_SAMPLE = 32 };

/* Fills buf; waits for the device, at most a second in all. 0, -ENODEV without a device, -EIO if it does not deliver.
 * Not in interrupt context. */
int rng_read(void *buf, size_t n);

/* Bytes asked for at boot, without waiting: true, once, when they are here. */
bool rng_boot_sample(uint8_t ret_sample[RNG_SAMPLE]);

#endif
