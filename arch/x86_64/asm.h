/* asm.h: numbers that assembly and C share. No C declarations here. */
#ifndef UIO_ARCH_ASM_H
#define UIO_ARCH_ASM_H

/* The image is linked at its physical address plus this. */
#define IMAGE_OFFSET 0x40000000

/* Selectors. SYSCALL and SYSRET want this order (SDM vol. 3A 5.8.8): kernel code, kernel data; then, from the base in
 * STAR[63:48], (32-bit user code), user data, user code. */
#define SEL_KCODE 0x08
#define SEL_KDATA 0x10
#define SEL_UBASE 0x18
#define SEL_UDATA 0x23
#define SEL_UCODE 0x2b
#define SEL_TSS 0x30

/* Interrupt stack table slots (TSS.IST1..3). */
#define IST_IRQ 1
#define IST_FAULT 2
#define IST_ABORT 3

/* Interrupt handlers run to their end there, and programs of the clock (trace/sample.c) with them. */
#define IST_IRQ_SIZE 8192

#define VECTORS 64
#define STUB_STRIDE 10 /* bytes from one entry stub to the next: push, push, jmp */
#define VECTOR_IRQ_FIRST 32
#define VECTOR_TIMER 32
#define VECTOR_DEVICE_FIRST 33
#define VECTOR_SPURIOUS 63 /* low four bits set: SDM vol. 3A 11.9 */
#define VECTOR_SYSCALL 256 /* trap_frame.vector of a system call */

/* struct trap_frame (kernel/entry.h), in bytes; asserted in traps.c. */
#define FRAME_SIZE 176
#define FRAME_RBP 32
#define FRAME_RIP 136
#define FRAME_CS 144
#define FRAME_RSP 160

#define RED_ZONE 128

#endif
