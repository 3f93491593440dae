/* pure */
/*
 * helper.h: the helper functions that programs may call: Linux's numbers, names and signatures as a table
 * (bpf/helpers.tbl.h), the types of arguments and results for the verifier, and the table of addresses that the engines
 * call. A helper is a C function of five uint64_t that returns one.
 *
 * A callback that a helper gets (ARG_PTR_TO_FUNC) is a pointer to struct bpf_callback, in both engines.
 */
#ifndef BPF_HELPER_H
#define BPF_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/prog.h"

/* What an argument must be. "Size" arguments follow the memory argument that they measure. */
enum bpf_arg_type {
	ARG_DONTCARE = 0,              /* not used */
	ARG_ANYTHING,                  /* any initialised value; a pointer would leak, so a scalar */
	ARG_CONST_MAP_PTR,             /* a map */
	ARG_PTR_TO_MAP_KEY,            /* key_size readable bytes of the map named before */
	ARG_PTR_TO_MAP_VALUE,          /* value_size readable bytes */
	ARG_PTR_TO_UNINIT_MAP_VALUE,   /* value_size bytes that the helper writes */
	ARG_PTR_TO_MEM,                /* readable bytes, as many as the size argument behind it says */
	ARG_PTR_TO_MEM_OR_NULL,        /* the same, or null with size 0 */
	ARG_PTR_TO_UNINIT_MEM,         /* bytes that the helper writes */
	ARG_CONST_SIZE,                /* a bounded size, at least 1 */
	ARG_CONST_SIZE_OR_ZERO,        /* a bounded size */
	ARG_CONST_ALLOC_SIZE_OR_ZERO,  /* a constant: the size of the memory returned */
	ARG_PTR_TO_CTX,                /* the program's context, unmodified */
	ARG_PTR_TO_CTX_OR_NULL,
	ARG_PTR_TO_STACK_OR_NULL,      /* the program's stack, or null: handed to a callback */
	ARG_PTR_TO_FUNC,               /* a callback */
	ARG_PTR_TO_ALLOC_MEM,          /* what RET_PTR_TO_ALLOC_MEM_OR_NULL gave: released by this call */
	ARG_PTR_TO_CONST_STR,          /* a NUL-terminated string in a read-only, frozen map */
	ARG_PTR_TO_LONG,               /* 8 aligned bytes that the helper writes */
};

enum bpf_return_type {
	RET_INTEGER,
	RET_VOID,                      /* r0 is not readable afterwards */
	RET_PTR_TO_MAP_VALUE_OR_NULL,  /* value of the map argument; of maps of maps: the inner map */
	RET_PTR_TO_ALLOC_MEM_OR_NULL,  /* a reference: released on every path */
};

/* Who may call it: sets of program types. */
#define BPF_WHO_TRACING 0x1u /* kprobe, tracepoint, perf_event, raw_tracepoint, tracing */
#define BPF_WHO_PERF    0x2u /* perf_event only */
#define BPF_WHO_KPROBE  0x4u /* kprobe only */
#define BPF_WHO_XDP     0x8u /* xdp only */
#define BPF_WHO_NET     0x10u /* xdp, socket_filter, sched_cls */
#define BPF_WHO_SYSCALL 0x20u /* run-once */
#define BPF_WHO_ALL     0xffffffffu

/* Numbers: BPF_FUNC_map_lookup_elem and so on, of those that exist here. */
enum bpf_func_id {
#define BPF_HELPER(NUMBER, NAME, ...) BPF_FUNC_##NAME = NUMBER,
#include "bpf/helpers.tbl.h"
#undef BPF_HELPER
};

#define BPF_HELPER_NUMBERS 256 /* numbers from here on are no helper of Linux's (1 .. 211) */

struct bpf_helper_proto {
	uint16_t number;
	uint8_t ret;     /* enum bpf_return_type */
	uint8_t arg[5];  /* enum bpf_arg_type */
	uint32_t who;    /* BPF_WHO_* */
	const char *name;
};

/* The signature of helper NUMBER, or null if it does not exist here. */
const struct bpf_helper_proto *bpf_helper_proto(uint32_t number);
/* True if programs of TYPE may call it. */
bool bpf_helper_allowed(const struct bpf_helper_proto *proto, enum bpf_prog_type type);
/* Linux's name of helper NUMBER, those that are missing here included; null if Linux has none. */
const char *bpf_helper_name(uint32_t number);

typedef uint64_t (*bpf_helper_fn)(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5);

/* The functions that an environment offers, by number; null: not offered, refused when a program is prepared. */
struct bpf_helpers {
	bpf_helper_fn fn[BPF_HELPER_NUMBERS];
	/*
	 * callx: a helper by a number that is known when it runs; verified programs have none. Compiled code calls this
	 * with the number behind the five arguments. Null: programs with callx are refused.
	 */
	uint64_t (*callx)(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, uint64_t number);
};

/* Puts in those that need nothing but maps and memory: map operations, ring buffer, loop, strncmp and their like. */
void bpf_helpers_add_pure(struct bpf_helpers *helpers);

/* A function of a program as a helper sees it: call it as `cb->call(r1, r2, r3, r4, r5, cb)`. */
struct bpf_callback {
	uint64_t (*call)(uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5, struct bpf_callback *self);
};

#endif
