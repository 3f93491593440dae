/* gate.h: call gates: an overlay program calls a function of the application, which runs in ring 0 on a stack of its own
 * with full rights, at a quiescent point: the application's threads all wait for an event, and wait on until the call
 * is over. For overlay/ only. */
#ifndef UIO_OVERLAY_GATE_H
#define UIO_OVERLAY_GATE_H

#include "kernel/types.h"

struct trap_frame;

#define GATE_WAIT_NS (2 * NSEC_PER_SEC)	 /* for a quiescent point; then the call answers -EAGAIN */
#define GATE_CALL_NS (5 * NSEC_PER_SEC)	 /* a call that takes longer is given up and its program ended */
#define GATE_STACK_ARGS 16		 /* words of stack arguments that are passed on */

/* The call of binding `index` with the registers of the frame; the result goes into its rax and rdx. */
void gate_call(struct trap_frame *f, size_t index);
/* A thread in a gated call is at a point where it could be given up: ends it if its time is over. */
void gate_check(struct trap_frame *f);
/* Leaves the gate after a fault inside the call: the thread is its program's again. */
void gate_abandon(void);

#endif
