/* mmio.h: device registers and I/O ports. */
#ifndef UIO_KERNEL_MMIO_H
#define UIO_KERNEL_MMIO_H

#include "kernel/types.h"

/* Maps device registers uncached, supervisor-only, no execute, for ever. NULL when there is no memory. */
volatile void *mmio_map(uint64_t phys, size_t len);

static inline void outb(uint16_t port, uint8_t v) { __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port)); }
static inline void outw(uint16_t port, uint16_t v) { __asm__ volatile("outw %0, %1" ::"a"(v), "Nd"(port)); }
static inline void outl(uint16_t port, uint32_t v) { __asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port)); }
static inline uint8_t inb(uint16_t port) { uint8_t v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline uint16_t inw(uint16_t port) { uint16_t v; __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port)); return v; }
static inline uint32_t inl(uint16_t port) { uint32_t v; __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port)); return v; }

/* Device memory barriers on x86: stores are not reordered with stores; only the compiler must be held back, and a full
 * fence where a store must be seen before a later load (the virtqueue's notification check). */
#define barrier() __asm__ volatile("" ::: "memory")
#define fence_full() __asm__ volatile("mfence" ::: "memory")

#endif
