/* traps.h: descriptor tables, and what the entries in entry.S call. */
#ifndef UIO_ARCH_TRAPS_H
#define UIO_ARCH_TRAPS_H

#include "kernel/entry.h"

/* Loads GDT, TSS, IDT and the SYSCALL registers; turns on SMEP, UMIP and, where the CPU has them, protection keys. */
void traps_init(void);
/* Boot: turns protection keys off again. */
void traps_disable_pku(void);
/* Where ring 3 enters: the current thread's kernel stack. */
void arch_set_kstack(uint64_t top);

void arch_switch(uint64_t *save_rsp, uint64_t load_rsp);
void thread_entry(void);
void arch_call_on_stack(uint64_t sp, void (*fn)(void *), void *arg);
/* Calls a function of the application from the kernel's C: on this stack, aligned as the ABI wants it. */
long arch_call_app(uint64_t fn, uint64_t a, uint64_t b, uint64_t c);
_Noreturn void arch_enter_user(struct trap_frame *at_kstack_top);
_Noreturn void arch_app_start(uint64_t sp);

/* The interrupt controller (apic.c). */
void apic_init(void);
void apic_eoi(void);
void apic_timer_set(uint64_t ticks); /* one shot; 0 stops it */
uint32_t apic_timer_read(void);
void apic_timer_setup(bool tsc_deadline);
void irq_dispatch(unsigned vector);
void clock_interrupt(void);
/* True if the interrupted thread has more to do than to go on. */
bool sched_interrupt_due(void);
/* Then: switches threads, and ends the thread if that is due. True: a signal is to be delivered to it, on its own
 * stack. */
bool sched_interrupt_return(struct trap_frame *frame);

/* A page fault's address may be resolved here: 0 when the access can be repeated. */
int fault_resolve(uint64_t addr, uint64_t error);

#endif
