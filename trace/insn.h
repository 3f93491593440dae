/* pure */
/* insn.h: x86-64 instructions as a probe sees them: how long one is, and how to do elsewhere what it does where it
 * stands. Knows the integer and SSE instructions that compilers emit without VEX; anything else is refused. SDM vol.
 * 2, 2.2 and appendix A. */
#ifndef UIO_TRACE_INSN_H
#define UIO_TRACE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the instruction in the `size` bytes at `code`: 1 .. 15, or -EINVAL: not known, or longer than that. */
int insn_length(const uint8_t *code, size_t size);

#define INSN_MOVED_MAX 32

/* Code that, at address `to`, does what the instruction at address `at` does and goes on behind it. Both lie below 2
 * GiB. Writes at most INSN_MOVED_MAX bytes to out; returns how many, or -EINVAL: not known, or one that cannot be
 * moved. */
int insn_move(const uint8_t *code, size_t size, uint64_t at, uint64_t to, uint8_t *out);

/* The same for as many instructions as it takes to have `room` bytes (1 .. 5), at least; *ret_length: how many bytes those
 * are, at most room + 14. Writes at most INSN_RUN_MAX bytes. -EINVAL also when the code goes elsewhere before that. */
#define INSN_RUN_MAX 64
int insn_move_run(const uint8_t *code, size_t size, uint64_t at, size_t room, uint64_t to, uint8_t *out,
		  size_t *ret_length);

/* True if a function that starts so looks at its return address itself, takes it off the stack, or goes on on another
 * stack: setjmp(), longjmp(), vfork(), and what is no function at all. Another address in its place would be found, or
 * come back, when it should not. */
bool insn_handles_return(const uint8_t *code, size_t size);

#endif
