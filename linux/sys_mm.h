/* sys_mm.h: the system calls on memory. Each works on the current process's space, takes its arguments as the registers
 * hold them and returns a result or a negative errno; what each does is said by its page in section 2 of the Linux manual.
 * Deviations: nothing is ever writable and executable (EACCES), the application has no executable mappings (EACCES), and
 * executable pages of a program do not become writable again nor move (EACCES). */
#ifndef UIO_LINUX_SYS_MM_H
#define UIO_LINUX_SYS_MM_H

#include "kernel/types.h"

/* sys_mm.c */
long sys_mmap(uint64_t addr, uint64_t len, uint64_t prot, uint64_t flags, int fd, uint64_t off);
long sys_munmap(uint64_t addr, uint64_t len);
long sys_mprotect(uint64_t addr, uint64_t len, uint64_t prot);
long sys_brk(uint64_t addr);

/* sys_mm_more.c */
long sys_mremap(uint64_t addr, uint64_t old_len, uint64_t new_len, uint64_t flags, uint64_t new_addr);
long sys_madvise(uint64_t addr, uint64_t len, int advice);
long sys_msync(uint64_t addr, uint64_t len, int flags);
long sys_mincore(uint64_t addr, uint64_t len, uint64_t vec);
long sys_mlock(uint64_t addr, uint64_t len);
long sys_mlock2(uint64_t addr, uint64_t len, unsigned flags);
long sys_munlock(uint64_t addr, uint64_t len);
long sys_mlockall(int flags);
long sys_munlockall(void);

struct vmspace;
/* The space that the current thread's calls are about. */
struct vmspace *mm_space(void);

#endif
