/* pure */
/*
 * place.h: where a program goes, out of what its section says behind the slash or what an operator has typed: the same
 * for `uio bpf` and for the guest's shell, which look functions up each in their own symbols.
 */
#ifndef BPF_PLACE_H
#define BPF_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/object.h"

#define BPF_PLACE_NAME_MAX 128
#define BPF_PLACE_HZ	   99 /* of the clock, if nobody says otherwise: not in step with what happens 100 times/s */

/* Kernel functions are called this in patterns and lists, so that they are not taken for the application's. */
#define BPF_KERNEL_PREFIX "uio_k_"
/* What the application calls the kernel by: linux_read() and so on. */
#define BPF_CALL_PREFIX "linux_"

enum bpf_place_kind {
	BPF_PLACE_NONE,	     /* nowhere: it is run by hand, or its section names no function */
	BPF_PLACE_FUNCTION,  /* the function `name`, `offset` bytes behind its start */
	BPF_PLACE_FUNCTIONS, /* the functions that the pattern `name` matches */
	BPF_PLACE_CALL,	     /* the system call `call`, which is the function `name` */
	BPF_PLACE_CALLS,     /* the system calls that the pattern `name` matches */
	BPF_PLACE_CLOCK,     /* perf_event */
	BPF_PLACE_SWITCH,    /* raw_tp/sched_switch */
	BPF_PLACE_DEVICE,    /* xdp */
};

struct bpf_place {
	enum bpf_place_kind kind;
	bool at_return;
	int call;
	uint64_t offset;
	char name[BPF_PLACE_NAME_MAX];
};

/*
 * What `attach` means for a program of this hook: of a section behind the slash, or a FUNCTION that was typed. A
 * uprobe's "FILE:" is left out: there is one file. 0; -EINVAL or -ENOENT (no such system call, no such tracepoint) with
 * text in `why`, and *ret as it was.
 */
int bpf_place_of(enum bpf_hook hook, const char *attach, struct bpf_place *ret, char *why, size_t why_size);

/* True for text with * ? or [ in it. */
bool bpf_is_pattern(const char *text);
/* * any text, ? any byte, [a-z] [!a-z] one byte of these; a [ without its ] is itself. At most |pattern| * |name|
 * steps. */
bool bpf_glob(const char *pattern, const char *name);
/*
 * True if the pattern is for the function: the kernel's only if it begins with BPF_KERNEL_PREFIX, but for what the
 * application calls. `name` is without the prefix; `kernel`: it is the kernel's.
 */
bool bpf_place_matches(const char *pattern, const char *name, bool kernel);
/* The number of the call that a function is (linux_read), if the pattern matches the call's name ("read"); else -1. */
int bpf_place_call(const char *pattern, const char *function);

#endif
