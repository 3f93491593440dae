/* usercopy.h: the only way from kernel code to user memory. A user pointer is an integer here. What a process may touch:
 * the application, everything of its own; an overlay program, its window, and the application's memory as its grants
 * allow. A range outside, and a page that cannot be had, give -EFAULT. Never blocks. */
#ifndef UIO_KERNEL_USERCOPY_H
#define UIO_KERNEL_USERCOPY_H

#include "kernel/types.h"

#define WINDOW_END 0x40000000ULL

/* Overlay programs live below WINDOW_END: the whole check. */
int user_range_check(uint64_t addr, uint64_t len, bool write);
/* Whether the current program's grants let it read or write application memory; reports a refusal. The overlay sets it;
 * NULL: no program may. */
extern bool (*user_app_access_hook)(bool write);
/* Where the kernel goes on after a fault at rip that cannot be cured, or 0: for the page-fault handler. */
uint64_t ex_table_lookup(uint64_t rip);

int copy_from_user(void *to, uint64_t from, size_t len);
int copy_to_user(uint64_t to, const void *from, size_t len);
int clear_user(uint64_t to, size_t len);
/* Copies a string with its end; returns its length without the end, -EFAULT, or -ENAMETOOLONG if `size` is too small. */
long copy_string_from_user(char *to, uint64_t from, size_t size);
/* Atomic 32-bit operations for futexes: -EFAULT or 0. */
int user_read32(uint64_t addr, uint32_t *ret);
int user_write32(uint64_t addr, uint32_t v);
int user_cmpxchg32(uint64_t addr, uint32_t expect, uint32_t v, uint32_t *ret_seen);

/* A cursor over user or kernel memory, for read and write. iov entries are copied in beforehand (kernel memory). */
struct iovec64 {
	uint64_t base;
	uint64_t len;
};
struct iter {
	const struct iovec64 *iov;
	unsigned count;
	uint64_t skip;		/* bytes done of iov[0] */
	uint64_t left;		/* bytes left in all */
	bool kernel;		/* base is a kernel pointer */
	struct iovec64 one;	/* storage for the single-buffer form */
};
void iter_init_user(struct iter *it, uint64_t base, uint64_t len);
void iter_init_kernel(struct iter *it, void *base, uint64_t len);
void iter_init_iov(struct iter *it, const struct iovec64 *iov, unsigned count); /* user; lengths summed by caller-checked total */
/* Moves min(len, it->left) bytes; returns how many (short only at the end or on a fault after the first byte), or
 * -EFAULT when not even one byte could be moved. */
kssize_t iter_put(struct iter *it, const void *from, size_t len);  /* into the cursor's memory (read()) */
kssize_t iter_get(struct iter *it, void *to, size_t len);	   /* out of it (write()) */
kssize_t iter_zero(struct iter *it, size_t len);

/* For iter.c: moves between user and kernel memory (kernel NULL: clears user memory); returns the bytes done. */
size_t user_move(bool to_user, uint64_t user, void *kernel, size_t len);

#endif
