/* fpu.h: vector and x87 state of threads. The kernel itself uses none. XCR0 leaves PKRU (bit 9) out, so that no XRSTOR
 * in ring 3 can load it (SDM vol. 1, 13.3 and 13.8). */
#ifndef UIO_ARCH_FPU_H
#define UIO_ARCH_FPU_H

#include <stddef.h>
#include <stdint.h>

struct thread;

void fpu_init(void);
/* Bytes of an XSAVE (or FXSAVE) image with the features in force. */
size_t fpu_size(void);
/* XCR0, or 3 when only FXSAVE is there. */
uint64_t fpu_features(void);
/* A thread's image set to the initial state. */
void fpu_reset_image(void *image);
/* The CPU's registers to and from the thread's image. The image must be well formed. */
void fpu_save(struct thread *t);
void fpu_load(struct thread *t);
void fpu_save_to(void *image);
void fpu_load_from(const void *image);
/* Makes an untrusted image (a signal frame's) safe to load: reserved MXCSR bits, XSAVE header. */
void fpu_sanitise(void *image);
/* The registers to the state that a fresh function call may expect; the upper parts cleared. */
void fpu_reset_registers(void);

void arch_set_fs_base(uint64_t base);
uint64_t arch_get_fs_base(void);
void arch_set_gs_base(uint64_t base);
uint64_t arch_get_gs_base(void);

#endif
