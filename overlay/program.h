/* program.h: overlay programs: what a session starts, with which rights and limits, and how it ends. A program is a tree
 * of processes (the first one and what it forks) that share grants, quota, CPU share, time limit and gate table. */
#ifndef UIO_OVERLAY_PROGRAM_H
#define UIO_OVERLAY_PROGRAM_H

#include "kernel/clock.h"
#include "kernel/thread.h"
#include "kernel/types.h"
#include "linux/process.h"
#include "overlay/domain.h"
#include "proto/msg.h"

struct file;
struct tty;
struct vnode;

#define PROGRAM_REPORT_MAX 3072
#define PROGRAM_CPU_DEFAULT 100 /* per mille while the application can run */

/* What one undefined symbol of the program is: made by the host from the image's symbols, or by `symbols` in the shell. */
struct binding {
	char *name;
	uint64_t addr;
	uint64_t size;
	bool function;	/* reached by a call gate; else data, read and written in place */
};

struct program_spec {
	const char *name;		/* for ps and reports */
	struct vnode *image;		/* the ELF file; the program takes its own reference */
	const char *path;		/* its path in the guest, for /proc/PID/exe and argv-less restarts; may be NULL */
	char *const *argv;		/* NULL-terminated, at least one */
	char *const *env;		/* NULL-terminated */
	const char *cwd;		/* NULL: "/" */
	uint32_t grants;
	char *const *calls;		/* GRANT_CALL only for these functions; NULL: all */
	unsigned cpu_permille;		/* 0: default */
	uint64_t memory_bytes;		/* 0: default, a quarter of the guest's memory */
	uint64_t timeout_ns;		/* 0: none */
	const struct binding *bindings;	/* copied */
	size_t binding_count;
	struct file *stdio[3];		/* the program takes its own references */
	struct tty *tty;		/* becomes the controlling terminal; NULL: none */
	/* The whole tree has ended. Runs once, in some thread of the kernel, may block; after it the program is freed.
	 * report: "" or text, see struct msg_exit; valid during the call. */
	void (*ended)(void *ctx, int wait_status, enum exit_reason reason, const char *report);
	void *ctx;
};

struct program {
	struct list node;		/* in program_list */
	unsigned processes, threads;	/* alive */
	int pid;			/* of the first process */
	char name[32];
	uint32_t grants;
	struct domain_rights rights;
	uint64_t bias;			/* where the first image was loaded, for symbols */
	struct sched_group group;
	uint64_t quota_used, quota_limit; /* pages */
	struct ktimer timeout;
	struct binding *bindings;	/* sorted by name */
	size_t binding_count;
	char **calls;			/* NULL: all */
	uint64_t faults, gate_calls, refusals, syscalls; /* for `progs` and stats */
	uint64_t start_ns;
	enum exit_reason reason;
	int wait_status;		/* of the first process */
	char *report;			/* PROGRAM_REPORT_MAX once there is one */
	size_t report_len;
	struct file *stderr_file;	/* where refusals are printed; referenced */
	void (*ended)(void *ctx, int wait_status, enum exit_reason reason, const char *report);
	void *ctx;
	bool first_ended;
};

extern struct list program_list;

/* Loads and starts. On failure nothing is left, and `error` (size error_size) has one line for people. 0 or -errno
 * (-ENOEXEC, -ENOMEM, -E2BIG, -EACCES, -ENOENT...). */
int program_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret_program);
/* Ends every process of the tree. Returns at once; `ended` comes later. */
void program_kill(struct program *p, enum exit_reason reason);
struct program *program_find(int pid);
/* The program a process belongs to; NULL for the application. */
struct program *program_of(struct process *proc);
/* Appends a line to the report. */
void program_report(struct program *p, const char *fmt, ...) __printf(2, 3);

/* An address as "symbol+0x12" if somebody knows it; overlay/symbols.c sets it when an index is loaded. */
extern bool (*program_symbolise)(uint64_t addr, char *buf, size_t size);

#endif
