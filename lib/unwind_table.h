/* pure */
/*
 * unwind_table.h: how to find a function's caller, by the address of the instruction that runs: what DWARF's call frame
 * information says, compact enough to be kept in a guest and looked up while an interrupt is handled. The host makes it
 * (host/unwind_make.c), the guest reads it (trace/unwind.c).
 *
 * The table, little-endian:
 *
 *     struct unwind_header
 *     struct unwind_block [block_count + 1]   ascending by number; the last one only ends the one before
 *     struct unwind_rule  [rule_count]        rule 0 is "nothing is known"
 *     struct unwind_row   [row_count]         of block i: from its first to the next one's, ascending
 *
 * A block is 64 KiB of addresses. A row is good up to the next row of its block, the last one up to the block's end.
 */
#ifndef LIB_UNWIND_TABLE_H
#define LIB_UNWIND_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNWIND_MAGIC	"uIOunwnd"
#define UNWIND_VERSION	1
#define UNWIND_SIZE_MAX (32u << 20)

struct unwind_header {
	uint8_t magic[8];
	uint32_t version;
	uint32_t block_count;
	uint32_t rule_count;
	uint32_t row_count;
};
_Static_assert(sizeof(struct unwind_header) == 24, "sent to guests");

struct unwind_block {
	uint32_t number; /* address >> 16 */
	uint32_t first;	 /* row */
};
_Static_assert(sizeof(struct unwind_block) == 8, "sent to guests");

struct unwind_row {
	uint16_t at; /* address & 0xffff */
	uint16_t rule;
};
_Static_assert(sizeof(struct unwind_row) == 4, "sent to guests");

/* Registers by DWARF's numbers (System V ABI, AMD64 supplement, figure 3.36). */
enum {
	UNWIND_RBX = 3,
	UNWIND_RBP = 6,
	UNWIND_RSP = 7,
	UNWIND_REGISTERS = 16,
};

enum unwind_kind {
	UNWIND_UNKNOWN,
	UNWIND_END,	  /* there is no caller */
	UNWIND_CFA,	  /* the frame's upper end is reg + offset */
	UNWIND_CFA_DEREF, /* it is the 8 bytes at reg + offset, plus `add` */
};

enum {
	UNWIND_RBP_SAME,   /* the caller's rbp is in rbp */
	UNWIND_RBP_AT_CFA, /* it lies at CFA + rbp_at */
	UNWIND_RBP_AT_RBP, /* it lies at rbp + rbp_at */
};

/* The return address lies at CFA + ra_at, which is CFA - 8 in every function; the caller's rsp is the CFA, or what lies
 * at CFA + rsp_at where that is not 0: a trap's frame. */
struct unwind_rule {
	uint8_t kind; /* enum unwind_kind */
	uint8_t reg;  /* < UNWIND_REGISTERS */
	uint8_t rbp;  /* UNWIND_RBP_... */
	uint8_t zero;
	int32_t offset;
	int16_t add;
	int16_t ra_at, rbp_at, rsp_at;
};
_Static_assert(sizeof(struct unwind_rule) == 16, "sent to guests");

struct unwind_table {
	const struct unwind_block *blocks;
	const struct unwind_rule *rules;
	const struct unwind_row *rows;
	uint32_t block_count;
};

/* Checks all of it and sets *ret up to look into the bytes, which stay and are aligned by 8. 0 or -EBADMSG. */
int unwind_table_open(const void *bytes, size_t size, struct unwind_table *ret);
/* The rule for an address: that of rule 0 where nothing is known. */
const struct unwind_rule *unwind_table_find(const struct unwind_table *t, uint64_t address);

#endif
