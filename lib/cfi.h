/* pure */
/*
 * cfi.h: DWARF's call frame information (DWARF 5, 6.4; for .eh_frame the LSB, Core, 10.6) as rules for finding callers,
 * lib/unwind_table.h. The sections come from files, so nothing in them is believed.
 */
#ifndef LIB_CFI_H
#define LIB_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/unwind_table.h"

/* Called for each range of addresses that have one rule; ranges of a function ascend. */
typedef void (*cfi_row)(void *context, uint64_t from, uint64_t to, const struct unwind_rule *rule);

/*
 * Reads a whole .debug_frame, or .eh_frame (`eh`), which was linked to lie at `address`. Returns how many functions
 * there were, or -EBADMSG if the section is broken somewhere; what was told before is right all the same. What cannot
 * be said as a rule is told as UNWIND_UNKNOWN.
 */
int cfi_read(const void *section, size_t size, bool eh, uint64_t address, cfi_row row, void *context);

#endif
