/* pure */
/*
 * core.h: "compile once, run everywhere" (Linux, Documentation/bpf/btf.rst 4.2 and llvm_reloc.rst): what an access to a
 * type of the object means in another BTF, where members may have moved, grown or gone. Only bpf/core*.c include this.
 */
#ifndef BPF_CORE_H
#define BPF_CORE_H

#include "bpf/btf.h"

enum core_kind { /* enum bpf_core_relo_kind */
		 CORE_FIELD_BYTE_OFFSET = 0,
		 CORE_FIELD_BYTE_SIZE = 1,
		 CORE_FIELD_EXISTS = 2,
		 CORE_FIELD_SIGNED = 3,
		 CORE_FIELD_LSHIFT_U64 = 4,
		 CORE_FIELD_RSHIFT_U64 = 5,
		 CORE_TYPE_ID_LOCAL = 6,
		 CORE_TYPE_ID_TARGET = 7,
		 CORE_TYPE_EXISTS = 8,
		 CORE_TYPE_SIZE = 9,
		 CORE_ENUMVAL_EXISTS = 10,
		 CORE_ENUMVAL_VALUE = 11,
		 CORE_TYPE_MATCHES = 12,
		 CORE_KINDS = 13,
};

struct core_relo { /* struct bpf_core_relo */
	uint32_t insn_off;
	uint32_t type_id;
	uint32_t access_off;
	uint32_t kind;
};

#define CORE_STEPS_MAX 64

/* A way into a type: the first step is an index of the root, each further one a member or an element. */
struct core_path {
	const struct btf *btf;
	uint32_t root;
	uint32_t length;
	struct core_step {
		uint32_t type;	  /* composite or array that is stepped into, stripped */
		uint32_t index;	  /* member or element */
		const char *name; /* the member's; null for elements and the first step */
		const struct btf_member *member;
	} step[CORE_STEPS_MAX];
	uint64_t bit_offset; /* of what it leads to */
	uint32_t bits;	     /* if that is a bit field, else 0 */
	uint32_t leads_to;   /* type, as written */
	int64_t enum_value;
	const char *enum_name;
};

/* Reads ACCESS ("0:1:2") from type ROOT. -EINVAL if it is no way. */
int core_path_parse(const struct btf *btf, uint32_t root, const char *access, enum core_kind kind,
		    struct core_path *ret);
/* The same way, by names, in type ROOT of TARGET. -ENOENT if there is none. */
int core_path_follow(const struct core_path *local, const struct btf *target, uint32_t root, enum core_kind kind,
		     struct core_path *ret);
/* True if type ID of TARGET may be what LOCAL's root is: its name, without ___flavour, and its kind. */
bool core_candidate(const struct btf *local, uint32_t root, const struct btf *target, uint32_t id);

/* What the relocation's instruction gets. -ENOENT: it has no answer; -EINVAL: no such question. PATH may be null:
 * absent. */
int core_value(const struct core_path *path, enum core_kind kind, uint64_t *ret);

#endif
