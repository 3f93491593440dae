/*
 * tool.h: what the ready-made tools (tools/NAME.c) are made of. A tool is a command whose eBPF program is
 * tools/NAME.bpf.c: it sets the program's constants, loads it, puts it on functions, waits, and prints what is in the
 * maps or what came through ring buffers. Whatever fails ends the program with a message, so nothing here returns
 *errors.
 *
 *	struct tool t;
 *	tool_open(&t, args, "funccount");
 *	tool_set(&t, "per_thread", 1);
 *	tool_load(&t, NULL);
 *	tool_hook(&t, "count", "dict*");
 *	while (tool_wait(&t))
 *		tool_map(&t, "counts", print, &t);
 *	tool_close(&t);
 */
#ifndef HOST_TOOL_H
#define HOST_TOOL_H

#include <cjson/cJSON.h>

#include "host/bpf_hook.h"
#include "host/command.h"

struct tool {
	const struct args *args; /* operand 0 is the unikernel */
	const char *name;
	bool json;
	struct bpf_call call;
	struct bpf_loaded loaded;
	char *object; /* the ELF file's bytes */
	size_t object_size;
	uint64_t interval_ns; /* 0: one report, at the end */
	uint64_t started_ns, next_ns, until_ns;
	bool over;
	void (*event)(void *context, const char *map, const void *data, size_t size);
	void (*print)(void *context, const char *text);
	void *context;
	uint64_t rows; /* of output that came */
	uint64_t lost; /* events that found no room in the guest */
};

/* For the tool's table of options. */
#define TOOL_OPTION_FOR                                                                               \
	{                                                                                             \
		0, "for", "TIME", "end after this long, such as 10s; else on ^C", NULL, COMPLETE_NONE \
	}
#define TOOL_OPTION_INTERVAL                                                                               \
	{                                                                                                  \
		'i', "interval", "TIME", "report every so often, such as 1s; else once, in the end", NULL, \
			COMPLETE_NONE                                                                      \
	}

/* Connects to the unikernel that operand 0 names and reads build/lib/tools/OBJECT.bpf.o. */
void tool_open(struct tool *t, const struct args *args, const char *object);

/* Before tool_load(): the value of a `const volatile` variable of the program; an integer of its size. */
void tool_set(struct tool *t, const char *variable, uint64_t value);
/* The same for `size` bytes, which must be the variable's. */
void tool_set_bytes(struct tool *t, const char *variable, const void *value, size_t size);
/* A variable of the program: where it is in t->object (NULL: in no file, it is zero), and in which section. */
struct tool_variable {
	char *bytes;
	size_t size, offset;
	char section[32];
};
struct tool_variable tool_find_variable(const struct tool *t, const char *name);
/* How many bytes the variable has. */
size_t tool_variable_size(const struct tool *t, const char *variable);
/* Loads all programs, or only one (NULL: all). */
void tool_load(struct tool *t, const char *only);

/* Puts the program on functions (bpf_hook_functions()), or where its section says. Returns how many. */
unsigned tool_hook(struct tool *t, const char *program, const char *functions);
unsigned tool_hook_section(struct tool *t, const char *program);
/* Puts a program of raw_syscalls/sys_enter or sys_exit on the system calls n < count with wanted[n]. */
unsigned tool_hook_syscalls(struct tool *t, const char *program, const bool *wanted, size_t count);

/* For tools with ring buffers, before tool_wait(): called for each record, and for each line of bpf_printk() (NULL: to
 * stderr). Also called while requests wait for their answers. */
void tool_events(struct tool *t, void (*event)(void *context, const char *map, const void *data, size_t size),
		 void (*print)(void *context, const char *text), void *context);

/*
 * Waits for the next interval, or for the end: --for, or ^C. True: report now; false: the last report was made. The
 * first call starts the time. Puts what was printed out, and an empty line between two reports of text. The last true
 * return comes after the end; the programs are still on.
 */
bool tool_wait(struct tool *t);
/* Seconds since the first tool_wait(). */
double tool_seconds(const struct tool *t);
/* Takes the programs off; maps can still be read, and events that lie in the guest are delivered. */
void tool_drain(struct tool *t);
/* Takes the programs off and unloads; the events that still come are delivered. Tells how many were lost. */
void tool_close(struct tool *t);

/* Calls entry() for each element of a map, in the map's order. Per-CPU values are one, since there is one CPU. */
typedef void (*tool_entry)(void *context, const void *key, size_t key_size, const void *value, size_t value_size);
void tool_map(struct tool *t, const char *map, tool_entry entry, void *context);
/* The value of a global variable of the program (in .bss or .data): an integer. */
uint64_t tool_value(struct tool *t, const char *variable);
/* Removes a key; it may be gone. */
void tool_map_delete(struct tool *t, const char *map, const void *key, size_t key_size);

/* The function at an address, without "uio_k_"'s meaning changed; "0x1234" in static storage if there is none. */
const char *tool_symbol(const struct tool *t, uint64_t address);
/* The function at an address plus the offset in it, in static storage. */
const char *tool_symbol_offset(const struct tool *t, uint64_t address);

/* --NAME as a number of nanoseconds, or `otherwise` if it is not given. */
uint64_t tool_duration(const struct args *args, const char *name, uint64_t otherwise);
/* --NAME as a number from min to max, or `otherwise`. */
uint64_t tool_number(const struct args *args, const char *name, uint64_t min, uint64_t max, uint64_t otherwise);

/* One line of JSON; deletes it. */
void tool_json(cJSON *json);

/* Slots of powers of two: slot 0 counts 0 and 1, slot n from 2^n to 2^(n+1) - 1. As bcc prints them. */
void tool_histogram(const uint64_t *slots, size_t count, const char *unit);
/* [{"from":, "to":, "count":}...] without the empty slots. */
cJSON *tool_histogram_json(const uint64_t *slots, size_t count);

#endif
