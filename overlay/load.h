/* load.h: from an ELF file to an address space ready to run. For overlay/ only. */
#ifndef UIO_OVERLAY_LOAD_H
#define UIO_OVERLAY_LOAD_H

#include "kernel/types.h"
#include "kernel/vm.h"

struct program;
struct vnode;

#define WINDOW_STACK_SIZE (8UL << 20)
#define WINDOW_TOP 0x3fff0000UL	     /* no program page above: entry.S takes a higher return address for the application's */
#define PROGRAM_BIAS 0x400000UL	     /* where static-PIE programs go */
#define ARGS_BYTES_MAX (56 * 1024)   /* arguments and environment together */
#define ARGS_COUNT_MAX 4096

/* Gate numbers: a `syscall` with GATE_BASE + i calls the application's function in binding i. Far from Linux's numbers. */
#define GATE_BASE 0x10000

/* Arguments or environment, copied into the kernel: count strings, one after the other, each with its end. */
struct arg_list {
	char *bytes;
	size_t len;
	unsigned count;
};

struct load_result {
	struct vmspace *vm;
	uint64_t entry, sp;
};

/* Loads `image` with a stack made of args and env. `quota`: pages are counted in *quota_used against quota_limit.
 * 0 or -errno, often with one line in `error`. The calling thread's own address space is back in force afterwards. */
int load_program(struct program *p, struct vnode *image, const char *path, const struct arg_list *args,
		 const struct arg_list *env, struct load_result *ret, char *error, size_t error_size);

/* The stubs through which a program calls the application's functions: one page-aligned area, read and execute. For each
 * binding that is a function, *ret_base + 16 * i is its stub. No functions: nothing is mapped and *ret_base is 0. */
int stubs_map(struct program *p, struct vmspace *vm, uint64_t *ret_base);
#define STUB_SIZE 16

/* Lays out argc, argv, envp and the auxiliary vector at the top of the stack area; returns the stack pointer. */
struct elf_plan;
int stack_layout(struct vmspace *vm, uint64_t top, const struct elf_plan *plan, uint64_t bias, const char *path,
		 const struct arg_list *args, const struct arg_list *env, uint64_t *ret_sp);

#endif
