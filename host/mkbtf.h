/*
 * mkbtf.h: between the parts of mkbtf: debugging information as its reader hands it out, the types that are made of it,
 * and the table that finds equal ones. Only host/mkbtf*.c include this.
 */
#ifndef HOST_MKBTF_H
#define HOST_MKBTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prints a message and ends the tool. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Memory that is never freed: the tool ends soon. */
void *more(void *old, size_t count, size_t size);

/* DWARF 5, table 7.3: tags that matter here. */
enum {
	TAG_ARRAY = 0x01,
	TAG_CLASS = 0x02,
	TAG_ENUMERATION = 0x04,
	TAG_FORMAL_PARAMETER = 0x05,
	TAG_MEMBER = 0x0d,
	TAG_POINTER = 0x0f,
	TAG_REFERENCE = 0x10,
	TAG_COMPILE_UNIT = 0x11,
	TAG_STRUCTURE = 0x13,
	TAG_SUBROUTINE_TYPE = 0x15,
	TAG_TYPEDEF = 0x16,
	TAG_UNION = 0x17,
	TAG_UNSPECIFIED_PARAMETERS = 0x18,
	TAG_SUBRANGE = 0x21,
	TAG_BASE = 0x24,
	TAG_CONST = 0x26,
	TAG_ENUMERATOR = 0x28,
	TAG_SUBPROGRAM = 0x2e,
	TAG_VOLATILE = 0x35,
	TAG_RESTRICT = 0x37,
	TAG_RVALUE_REFERENCE = 0x42,
	TAG_ATOMIC = 0x47,
};

/* DWARF 5, table 7.11. */
enum {
	ATE_BOOLEAN = 0x02,
	ATE_COMPLEX_FLOAT = 0x03,
	ATE_FLOAT = 0x04,
	ATE_SIGNED = 0x05,
	ATE_SIGNED_CHAR = 0x06,
};

#define ABSENT UINT64_MAX

/* One entry. Attributes that it does not have are ABSENT or null; 0 for `type`. */
struct die {
	uint64_t offset; /* in .debug_info */
	unsigned depth;	 /* 0: the unit */
	unsigned tag;
	const char *name;
	const char *folder; /* of a unit */
	uint64_t type;	    /* offset in .debug_info */
	uint64_t byte_size, bit_size, bit_offset, data_bit_offset, location;
	uint64_t encoding, count, upper_bound, low_pc;
	uint64_t value; /* of an enumerator */
	bool value_signed;
	bool declaration;
};

struct bytes {
	const uint8_t *at;
	size_t size;
};

/* What debugging information consists of; a missing section is empty. */
struct dwarf {
	uint64_t base; /* added to all offsets: several files go into one list */
	struct bytes info, abbrev, str, line_str, str_offsets;
};

/* Calls VISIT for each entry of each unit, parents first. */
void dwarf_walk(const struct dwarf *d, void (*visit)(const struct die *die, void *arg), void *arg);

/* A member, a parameter, an enumerator, or an array's dimension. */
struct item {
	const char *name;
	uint64_t type;	/* offset; 0: void */
	uint64_t bit;	/* a member's place */
	uint32_t bits;	/* if it is a bit field */
	uint64_t value; /* of an enumerator, or the number of elements */
};

struct type {
	uint64_t offset; /* its name: where it was in .debug_info */
	uint8_t kind;	 /* enum btf_kind; FWD for a declaration */
	bool is_union;	 /* of a FWD */
	bool is_signed;	 /* integers and enumerations */
	bool is_bool;
	bool kernel;   /* from a unit of the kernel's */
	uint32_t unit; /* reader only: which it was */
	bool hashing;
	bool hashed;
	const char *name; /* "" if it has none */
	uint64_t size;
	uint64_t ref; /* offset of the type that it is made of */
	struct item *items;
	uint32_t item_count, room;
	uint8_t digest[16]; /* equal types have equal ones */
	uint32_t id;	    /* in the output */
};

struct types {
	struct type *list; /* by offset */
	uint32_t count, room;
	uint64_t kernel_start, kernel_end; /* addresses of the kernel's code */
};

/* mkbtf_types.c: all types of the debugging information; `base` grows from call to call. */
void types_read(struct types *t, const struct dwarf *d);
/* After the last one: each array with one dimension. */
void types_split_arrays(struct types *t);
/* The type at OFFSET, or null: void, or nothing that BTF can say. */
struct type *types_at(const struct types *t, uint64_t offset);

/* mkbtf_equal.c: fills the digests, again if names have changed. */
void types_digest(struct types *t);

/* mkbtf_names.c: tells the kernel's types from the application's where names clash; needs digests, and makes them old.
 */
void types_rename(struct types *t);

/* A table from digests to numbers. */
struct table {
	struct slot {
		uint8_t key[16];
		uint32_t value;
		bool used;
	} * slots;
	uint32_t size, used;
};
/* The number of KEY, which becomes VALUE if it is new. */
uint32_t table_put(struct table *t, const uint8_t key[16], uint32_t value);
/* A key that is a name of some kind. */
void table_key(uint8_t key[16], unsigned kind, bool kernel, const char *name);
/* The number of KEY, or UINT32_MAX. */
uint32_t table_find(const struct table *t, const uint8_t key[16]);

/* mkbtf_write.c: each type once, as BTF whose first string is MARK. Bytes and their number. */
uint8_t *btf_make(struct types *t, const char *mark, size_t *ret_size);

#endif
