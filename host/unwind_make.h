/*
 * unwind_make.h: the table by which a guest finds callers (lib/unwind_table.h), from the image's debug information.
 */
#ifndef HOST_UNWIND_MAKE_H
#define HOST_UNWIND_MAKE_H

#include <stddef.h>

/*
 * `image` is the image, `symbols` the file with its symbols and .debug_frame (they may be the same). Returns 0 with the
 * table in *ret, which the caller frees; -ENOENT, -EINVAL (no ELF file), -ENODATA (it says nothing about frames).
 */
int unwind_make(const char *image, const char *symbols, void **ret, size_t *ret_size);

#endif
