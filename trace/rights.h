/* rights.h: the rights of the loaded part's own pages. */
#ifndef UIO_TRACE_RIGHTS_H
#define UIO_TRACE_RIGHTS_H

/* Before anything else here writes to a variable: constants lose the right to be executed, variables get frames of
 * their own to write to (overlay/part.c has mapped the pushed file). 0 or -ENOMEM; may be called again then. */
int rights_init(void);

#endif
