/* pure */
/*
 * object.h: reads an ELF object as `clang -target bpf -O2 -g` writes it with libbpf's headers: which programs and maps
 * it has, what its global variables start as, and a program's instructions, linked with the functions that it calls,
 * with maps numbered and CO-RE relocations carried out against another BTF. Nothing is verified or attached here, and
 * no map exists before bpf_object_make_maps(). Everything in the file is checked where it is read.
 */
#ifndef BPF_OBJECT_H
#define BPF_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/btf.h"
#include "bpf/map.h"
#include "bpf/prog.h"

/*
 * Helper numbers that exist nowhere, libbpf's: a CO-RE relocation without an answer, and a weak function that nobody
 * defines. A verifier refuses a path that reaches one, and can say why.
 */
#define BPF_CORE_POISON	     195896080
#define BPF_MISSING_FUNCTION 2002000000

/* What a hook of ours a section's name asks for: how to attach is in `attach`, the rest of the name. */
enum bpf_hook {
	BPF_HOOK_NONE,	 /* no program type of its own: socket, syscall, or a function of .text */
	BPF_HOOK_KPROBE, /* kprobe/FN[+OFFSET], uprobe/..., ksyscall/..., with patterns kprobe.multi/FN* */
	BPF_HOOK_KRETPROBE,
	BPF_HOOK_TRACEPOINT,	 /* tracepoint/GROUP/NAME, tp/... */
	BPF_HOOK_RAW_TRACEPOINT, /* raw_tp/NAME, raw_tracepoint/... */
	BPF_HOOK_PERF_EVENT,	 /* perf_event */
	BPF_HOOK_XDP,		 /* xdp */
};

struct bpf_sec {
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
	enum bpf_hook hook;
	bool optional;	    /* "?": loaded only when asked for by name */
	const char *attach; /* behind the slash; "" if there is none */
};

/*
 * What SECTION's name means. -EINVAL for a name of no meaning; -ENOTSUPP for one of Linux's that has no hook here.
 */
int bpf_sec_parse(const char *section, struct bpf_sec *ret);

/* An entry of a map of maps or a program array that the object gives: values = { [INDEX] = &thing }. */
struct bpf_object_value {
	uint32_t index;
	int32_t map;	 /* place in maps, or -1 */
	int32_t program; /* place in programs, or -1 */
};

struct bpf_object_map {
	const char *name;
	struct bpf_map_def def;	  /* def.inner is null: see `inner` */
	struct bpf_map_def inner; /* maps of maps: the template (type 0: none given) */
	uint32_t key_type, value_type; /* in the object's BTF; 0: not told. Of a section: the whole of it */
	bool pinned;		  /* asked to be pinned by its name */
	bool frozen;		  /* .rodata, .kconfig: constant once filled */
	const uint8_t *data;	  /* a section's first contents, value_size bytes; null: zeroes */
	struct bpf_object_value *values;
	uint32_t value_count;
	struct bpf_map *map;   /* made by bpf_object_make_maps(), one reference; else null */
	uint64_t symbol_value; /* reader only: where its symbol or section is */
	uint32_t section;      /* reader only */
};

struct bpf_object_program {
	const char *name; /* the function's */
	const char *section;
	struct bpf_sec sec; /* if sec_error is 0 */
	int sec_error;	    /* what bpf_sec_parse() said */
	uint32_t function;  /* reader only */
};

struct bpf_object_options {
	const struct btf *target; /* the image's types, for CO-RE; null: the object's own (nothing moves) */
	/*
	 * `extern ... __ksym`: the address of a symbol of the image, or -ENOENT. May be null: there are none.
	 */
	int (*symbol)(void *arg, const char *name, uint64_t *ret_address);
	void *arg;
};

struct bpf_object {
	struct bpf_object_map *maps; /* the numbers in instructions; at most BPF_MAX_USED_MAPS */
	uint32_t map_count;
	struct bpf_object_program *programs; /* functions outside of .text that other files may see */
	uint32_t program_count;
	const char *license;	      /* "" if it has none */
	struct btf btf;		      /* the object's own; count 0 without .BTF */
	struct bpf_object_file *file; /* reader only */
	struct bpf_mem *mem;
};

/*
 * Reads the SIZE bytes at IMAGE, which outlive the result, aligned by 8. The options are copied; what they point at
 * outlives the result, too. -EBADMSG, -EINVAL, -E2BIG, -ENOTSUPP, -ENOMEM with *ret_why filled (its insn is of no
 * meaning).
 */
int bpf_object_open(const void *image, size_t size, const struct bpf_object_options *options, struct bpf_mem *mem,
		    struct bpf_object **ret, struct bpf_refusal *ret_why);

/* The bytes of its BTF, part of its file; null if it has none. */
const void *bpf_object_types(const struct bpf_object *object, size_t *ret_size);

/*
 * Variable N of the section that the map at place MAP is: compilers leave its offset out of the BTF. -ENOENT: there are no
 * more.
 */
int bpf_object_variable(const struct bpf_object *object, uint32_t map, uint32_t n, const char **ret_name,
			uint32_t *ret_offset);

/* True if it has CO-RE relocations that only the types of the image can answer. */
bool bpf_object_needs_types(const struct bpf_object *object);

/* Makes all maps, fills and freezes sections, puts inner maps in their places. Maps made before an error stay made. */
int bpf_object_make_maps(struct bpf_object *object, struct bpf_refusal *ret_why);

/*
 * A program, linked: prog->insns with all that it calls behind it, names of functions, lines, maps (whose elements are
 * null before bpf_object_make_maps()). All of its memory belongs to the object. NAME is a function's, or a section's
 * that has no symbols; functions of .text count, too. -ENOENT: no such function; else as bpf_object_open().
 */
int bpf_object_link(struct bpf_object *object, const char *name, struct bpf_prog *ret_prog,
		    struct bpf_refusal *ret_why);

/* Lets go of the maps and frees everything. May be null. */
void bpf_object_close(struct bpf_object *object);

#endif
