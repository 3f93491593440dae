/* usercopy.c: see usercopy.h: which addresses the current thread may name, and copies that survive a fault. */
#include "kernel/usercopy.h"

#include "kernel/thread.h"
#include "kernel/vm.h"

#define USER_END (1ULL << 47) /* the lower half of the canonical addresses */

/* arch/x86_64/usercopy.S */
uint64_t usercopy_move(void *to, const void *from, uint64_t len);
uint64_t usercopy_zero(void *to, uint64_t len);
long usercopy_string(char *to, const char *from, uint64_t max);

struct ex_entry {
	uint64_t fault, fixup;
};
extern const struct ex_entry __ex_table_start[], __ex_table_end[];
extern char __arodata_start[], __adata_start[], __adata_end[];

bool (*user_app_access_hook)(bool write);

uint64_t ex_table_lookup(uint64_t rip)
{
	for (const struct ex_entry *e = __ex_table_start; e < __ex_table_end; e++) {
		if (e->fault == rip)
			return e->fixup;
	}
	return 0;
}

/* How far the memory goes that the current thread may touch at addr: bytes, 0 if none. */
static uint64_t reach(uint64_t addr, bool write)
{
	const struct thread *t = current();
	bool program = t && t->window;
	uint64_t end;

	if (addr < WINDOW_END)
		return program ? WINDOW_END - addr : 0;
	if (!program)
		return addr < USER_END ? USER_END - addr : 0;
	/* In a gated call the application's automatic variables lie on the gate's stack. */
	if (t->in_gate && addr >= t->gate_stack && addr < t->gate_stack + GATE_STACK_PAGES * PAGE_SIZE)
		return t->gate_stack + GATE_STACK_PAGES * PAGE_SIZE - addr;
	if (t->in_gate)
		return addr < USER_END ? USER_END - addr : 0;
	/* A program reaches the application's memory, as far as its grants go, and nothing else. */
	if (addr >= APP_AREA_START && addr < APP_AREA_END)
		end = APP_AREA_END;
	else if (addr >= (uint64_t) (write ? __adata_start : __arodata_start) && addr < (uint64_t) __adata_end)
		end = (uint64_t) __adata_end;
	else
		return 0;
	return user_app_access_hook && user_app_access_hook(write) ? end - addr : 0;
}

int user_range_check(uint64_t addr, uint64_t len, bool write)
{
	return len == 0 || len <= reach(addr, write) ? 0 : -EFAULT;
}

/* The bytes done. */
static size_t move_from_user(void *to, uint64_t from, size_t len)
{
	if (user_range_check(from, len, false) < 0)
		return 0;
	return len - usercopy_move(to, (const void *) from, len);
}

static size_t move_to_user(uint64_t to, const void *from, size_t len)
{
	if (user_range_check(to, len, true) < 0)
		return 0;
	return len - usercopy_move((void *) to, from, len);
}

static size_t zero_user(uint64_t to, size_t len)
{
	if (user_range_check(to, len, true) < 0)
		return 0;
	return len - usercopy_zero((void *) to, len);
}

int copy_from_user(void *to, uint64_t from, size_t len)
{
	return move_from_user(to, from, len) == len ? 0 : -EFAULT;
}

int copy_to_user(uint64_t to, const void *from, size_t len)
{
	return move_to_user(to, from, len) == len ? 0 : -EFAULT;
}

int clear_user(uint64_t to, size_t len)
{
	return zero_user(to, len) == len ? 0 : -EFAULT;
}

long copy_string_from_user(char *to, uint64_t from, size_t size)
{
	uint64_t max = reach(from, false), n = MIN(max, size);
	long len;

	if (max == 0)
		return -EFAULT;
	if (size == 0)
		return -ENAMETOOLONG;
	len = usercopy_string(to, (const char *) from, n);
	if (len < 0 || (uint64_t) len < n)
		return len;
	return n == size ? -ENAMETOOLONG : -EFAULT;
}

/* One CPU and no preemption in the kernel: a load followed by a store is atomic. */
int user_read32(uint64_t addr, uint32_t *ret)
{
	uint32_t v;

	if (copy_from_user(&v, addr, sizeof(v)) < 0)
		return -EFAULT;
	*ret = v;
	return 0;
}

int user_write32(uint64_t addr, uint32_t v)
{
	return copy_to_user(addr, &v, sizeof(v));
}

int user_cmpxchg32(uint64_t addr, uint32_t expect, uint32_t v, uint32_t *ret_seen)
{
	uint32_t seen;

	if (user_read32(addr, &seen) < 0 || (seen == expect && user_write32(addr, v) < 0))
		return -EFAULT;
	*ret_seen = seen;
	return 0;
}

size_t user_move(bool to_user, uint64_t user, void *kernel, size_t len)
{
	if (!kernel)
		return zero_user(user, len);
	return to_user ? move_to_user(user, kernel, len) : move_from_user(kernel, user, len);
}
