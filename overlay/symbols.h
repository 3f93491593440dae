/* symbols.h: the image's symbols for the shell, from an index file (lib/symidx.h) that an operator names: to bind the
 * undefined symbols of programs that the shell starts, and to name addresses in reports. At most one index is open. */
#ifndef UIO_OVERLAY_SYMBOLS_H
#define UIO_OVERLAY_SYMBOLS_H

#include "lib/symidx.h"
#include "overlay/program.h"

/* Opens the index at `path` in place of the one before. -EBADMSG: no index; -ESTALE: of another image. */
int symbols_open(const char *path);
/* The open index; NULL: none. */
const struct symidx *symbols_index(void);

/* What the program's undefined symbols are, as far as the index knows: names are kmalloc'ed; symbols_release() frees
 * all. Without an index: none. A file that is no program gives none. */
int symbols_bind(struct vnode *image, struct binding **ret_bindings, size_t *ret_count);
void symbols_release(struct binding *bindings, size_t count);

#endif
