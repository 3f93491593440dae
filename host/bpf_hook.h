/*
 * bpf_hook.h: a loaded object's programs, and putting them where they run. Which function a name or a pattern means is
 * found here, in the image's symbols; the guest has none.
 */
#ifndef HOST_BPF_HOOK_H
#define HOST_BPF_HOOK_H

#include "bpf/place.h"
#include "host/bpf.h"
#include "host/symbols.h"

#define BPF_PROGRAMS_MAX 64

struct bpf_loaded_program {
	char id[16];
	char name[64];
	char attach[128]; /* what its section names: a function, a tracepoint */
	uint64_t hook;	  /* BPF_HOOK_* */
	bool at_return;
	int syscall; /* of a tracepoint on a system call; BPF_SYSCALL_ANY: on all that `attach` matches; BPF_SYSCALL_NONE: no tracepoint */
};
#define BPF_SYSCALL_NONE (-1)
#define BPF_SYSCALL_ANY	 (-2)

struct bpf_loaded {
	struct bpf_call *call;
	struct symbols *symbols; /* the image's */
	uint64_t kernel_start, kernel_end; /* the kernel's code */
	char object[16];
	uint32_t session; /* open while the object stays with us */
	struct bpf_loaded_program programs[BPF_PROGRAMS_MAX];
	size_t count;
	unsigned hz;	/* of perf_event programs by bpf_hook_section(); 0: BPF_PLACE_HZ */
	bool stacks;	/* a program wants stacks */
	unsigned probes; /* that were set */
};

/* The image's symbols for hooks; ends the program if there are none. */
void bpf_symbols(struct bpf_loaded *l, struct bpf_call *call);
/* Loads the file (`only`: just the program of that name, or NULL) under the name; the session stays open. Ends the
 * program with the guest's text on a failure. */
void bpf_load(struct bpf_loaded *l, const char *file, const char *name, const char *only);
/* A program that is in the guest already, by its number: the only one of l then. Ends the program if there is none. */
void bpf_find_loaded(struct bpf_loaded *l, const char *id);

/* The program of that name, or NULL. */
struct bpf_loaded_program *bpf_program(struct bpf_loaded *l, const char *name);
/* True for kprobe, kretprobe and system calls' tracepoints: what goes on functions. */
bool bpf_on_functions(const struct bpf_loaded_program *p);
/* True for perf_event, raw_tp and xdp: what happens of itself. */
bool bpf_on_event(const struct bpf_loaded_program *p);

/*
 * Puts p on a function: NAME, NAME+OFFSET, or all that a pattern (* ? [) matches; those of the kernel only if it begins
 * with "uio_k_". Functions of a pattern that cannot be stopped are left out with a warning. Returns how many; ends the
 * program if there is none.
 */
unsigned bpf_hook_functions(struct bpf_loaded *l, const struct bpf_loaded_program *p, const char *where);
/* Runs p, a perf_event program, so many times a second; the guest knows the limits. */
unsigned bpf_hook_clock(struct bpf_loaded *l, const struct bpf_loaded_program *p, unsigned hz);
/* Runs p, a raw_tp program, when another thread gets the CPU. */
unsigned bpf_hook_switch(struct bpf_loaded *l, const struct bpf_loaded_program *p);
/* Gives the guest the table by which it finds callers; bpf_load() does it for objects that want stacks. */
void bpf_send_stacks(struct bpf_loaded *l);
/* Puts p, a program of raw_syscalls/sys_enter or sys_exit, on the system calls n < count with wanted[n] (NULL: all). */
unsigned bpf_hook_syscalls(struct bpf_loaded *l, const struct bpf_loaded_program *p, const bool *wanted, size_t count);
/* Puts p where its section says. Ends the program if it says nothing. */
unsigned bpf_hook_section(struct bpf_loaded *l, const struct bpf_loaded_program *p);

#endif
