/*
 * process.h: processes that may not be our children, told apart by pid, start time and the machine's boot.
 */
#ifndef HOST_PROCESS_H
#define HOST_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Clock ticks after boot at which pid was started. Returns 0 or -ESRCH (also for a zombie). */
int process_start(pid_t pid, uint64_t *ret_ticks);
bool process_alive(pid_t pid, uint64_t ticks, const char *boot_id);
/* Identifies this boot of the machine. Static storage. */
const char *boot_id(void);

#endif
