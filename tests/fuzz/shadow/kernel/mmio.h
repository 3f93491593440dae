/* mmio.h: in the place of kernel/mmio.h for fuzz targets: ports are the target's functions. */
#ifndef UIO_KERNEL_MMIO_H
#define UIO_KERNEL_MMIO_H

#include "kernel/types.h"

volatile void *mmio_map(uint64_t phys, size_t len);
void outl(uint16_t port, uint32_t v);
uint32_t inl(uint16_t port);

#endif
