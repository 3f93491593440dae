/* pure */
/*
 * unwind_table.c: see unwind_table.h.
 */
#include "lib/unwind_table.h"

#include "lib/errno.h"
#include "lib/str.h"

static bool check_rules(const struct unwind_rule *rules, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (rules[i].kind > UNWIND_CFA_DEREF || rules[i].reg >= UNWIND_REGISTERS ||
		    rules[i].rbp > UNWIND_RBP_AT_RBP || rules[i].zero)
			return false;
	return rules[0].kind == UNWIND_UNKNOWN;
}

static bool check_rows(const struct unwind_table *t, uint32_t rule_count, uint32_t row_count)
{
	for (uint32_t b = 0; b < t->block_count; b++) {
		uint32_t first = t->blocks[b].first, end = t->blocks[b + 1].first;

		if (first >= end || end > row_count || t->blocks[b].number >= t->blocks[b + 1].number)
			return false;
		for (uint32_t i = first; i < end; i++)
			if (t->rows[i].rule >= rule_count || (i > first && t->rows[i].at <= t->rows[i - 1].at))
				return false;
	}
	return t->blocks[0].first == 0 && t->blocks[t->block_count].first == row_count;
}

int unwind_table_open(const void *bytes, size_t size, struct unwind_table *ret)
{
	const struct unwind_header *h = bytes;
	struct unwind_table t;
	uint64_t need;

	if (size < sizeof(*h) || size > UNWIND_SIZE_MAX || memcmp(h->magic, UNWIND_MAGIC, sizeof(h->magic)) != 0 ||
	    h->version != UNWIND_VERSION || h->block_count == 0 || h->rule_count == 0)
		return -EBADMSG;
	/* 32-bit counts of small things: no overflow. */
	need = sizeof(*h) + ((uint64_t)h->block_count + 1) * sizeof(*t.blocks) +
	       (uint64_t)h->rule_count * sizeof(*t.rules) + (uint64_t)h->row_count * sizeof(*t.rows);
	if (need != size)
		return -EBADMSG;
	t.block_count = h->block_count;
	t.blocks = (const struct unwind_block *)(h + 1);
	t.rules = (const struct unwind_rule *)(t.blocks + h->block_count + 1);
	t.rows = (const struct unwind_row *)(t.rules + h->rule_count);
	if (!check_rules(t.rules, h->rule_count) || !check_rows(&t, h->rule_count, h->row_count))
		return -EBADMSG;
	*ret = t;
	return 0;
}

const struct unwind_rule *unwind_table_find(const struct unwind_table *t, uint64_t address)
{
	uint64_t number = address >> 16;
	uint32_t low = 0, high = t->block_count, end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (t->blocks[middle].number <= number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || t->blocks[low - 1].number != number)
		return &t->rules[0];
	end = t->blocks[low].first;
	low = t->blocks[low - 1].first;
	high = end;
	address &= 0xffff;
	/* The first row behind the address; the one before it is good for it. */
	for (uint32_t first = low;;) {
		uint32_t middle = low + (high - low) / 2;

		if (low >= high)
			return &t->rules[low == first ? 0 : t->rows[low - 1].rule];
		if (t->rows[middle].at <= address)
			low = middle + 1;
		else
			high = middle;
	}
}
