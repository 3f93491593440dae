/* test_usercopy.c: which addresses a thread may name in a system call, and the cursor over them. The copies themselves are
 * faked: addresses from BAD on fault. */
#include "kernel/iter.c"
#undef move

char image_area[8192];
#define __arodata_start arodata_start
#define __adata_start adata_start
#define __adata_end adata_end
#define __ex_table_start ex_table_start
#define __ex_table_end ex_table_end
#include "kernel/usercopy.c"

#include "tests/unit/test.h"

/* The image's application part: [arodata_start, adata_start) constants, [adata_start, adata_end) variables. */
__asm__(".globl arodata_start, adata_start, adata_end\n"
	".set arodata_start, image_area\n"
	".set adata_start, image_area + 4096\n"
	".set adata_end, image_area + 8192\n");
const struct ex_entry ex_table_start[2] = { { 100, 200 }, { 101, 201 } };
__asm__(".globl ex_table_end\n.set ex_table_end, ex_table_start + 32\n");

struct thread *current_thread;
static struct thread thread;

static uint8_t memory[256];
#define USER 0x100000000000ULL
#define BAD 200

static uint8_t *behind(const void *p)
{
	uint64_t at = (uint64_t) p;

	return at >= USER && at < USER + sizeof(memory) ? memory + (at - USER) : (uint8_t *) p;
}
static uint64_t possible(uint64_t user, uint64_t len)
{
	return user >= USER + BAD ? 0 : MIN(len, USER + BAD - user);
}
uint64_t usercopy_move(void *to, const void *from, uint64_t len)
{
	uint64_t n = possible(behind(to) != to ? (uint64_t) to : (uint64_t) from, len);

	memcpy(behind(to), behind(from), n);
	return len - n;
}
uint64_t usercopy_zero(void *to, uint64_t len)
{
	uint64_t n = possible((uint64_t) to, len);

	memset(behind(to), 0, n);
	return len - n;
}
long usercopy_string(char *to, const char *from, uint64_t max)
{
	for (uint64_t i = 0; i < max; i++) {
		if ((uint64_t) from + i >= USER + BAD)
			return -EFAULT;
		to[i] = (char) *behind(from + i);
		if (!to[i])
			return (long) i;
	}
	return (long) max;
}

static int asked_read, asked_write;
static bool granted_read, granted_write;
static bool access_hook(bool write)
{
	write ? asked_write++ : asked_read++;
	return write ? granted_write : granted_read;
}

static void as_application(void)
{
	thread = (struct thread){ 0 };
	current_thread = &thread;
	user_app_access_hook = NULL;
	asked_read = asked_write = 0;
}

static void as_program(bool may_read, bool may_write)
{
	as_application();
	thread.window = (struct vmspace *) &thread;
	user_app_access_hook = access_hook;
	granted_read = may_read;
	granted_write = may_write;
}

#define OK(addr, len, write) assert_int_equal(user_range_check(addr, len, write), 0)
#define NO(addr, len, write) assert_int_equal(user_range_check(addr, len, write), -EFAULT)
#define IMAGE ((uint64_t) image_area)
#define KERNEL 0xffff800000000000ULL

TEST(usercopy_lets_the_application_name_the_lower_half_but_no_window)
{
	as_application();
	OK(USER, 100, true);
	OK(IMAGE, 8192, true);
	OK((1ULL << 47) - 8, 8, true);
	NO((1ULL << 47) - 8, 9, true);
	NO(0, 1, false);
	NO(WINDOW_END - 1, 1, false);
	NO(KERNEL, 1, false);
	NO(KERNEL - 1, 1, false);
	NO(UINT64_MAX, 1, false);
	NO(USER, UINT64_MAX, false);
	NO(USER, UINT64_MAX - USER + 1, false);
	OK(KERNEL, 0, true);
}

TEST(usercopy_keeps_a_program_in_its_window)
{
	as_program(false, false);
	OK(0x400000, 100, true);
	OK(WINDOW_END - 1, 1, true);
	NO(WINDOW_END - 1, 2, true);
	NO(0x400000, UINT64_MAX, true);
	NO(USER, 1, false);
	NO(IMAGE, 1, false);
	assert_int_equal(asked_read, 2);
	NO(USER, 1, true);
	assert_int_equal(asked_write, 1);
	/* Kernel text and data, direct map: not even a question of grants. */
	NO(0x40100000, 1, false);
	NO(IMAGE + 8192, 1, false);
	NO(KERNEL, 1, false);
	NO(0xffffc00000000000ULL, 1, true);
	assert_int_equal(asked_read + asked_write, 3);
	user_app_access_hook = NULL;
	NO(USER, 1, false);
}

TEST(usercopy_opens_the_application_as_the_grants_say)
{
	as_program(true, false);
	OK(USER, 10, false);
	OK(IMAGE, 8192, false);
	NO(IMAGE, 8193, false);
	NO(IMAGE - 1, 1, false);
	NO(USER, 10, true);
	as_program(true, true);
	OK(USER, 10, true);
	NO(IMAGE, 1, true); /* constants */
	OK(IMAGE + 0x1000, 4096, true);
	NO(APP_AREA_END - 1, 2, true);
	NO(KERNEL, 1, false);
}

TEST(usercopy_in_a_gate_reaches_both_worlds)
{
	as_program(false, false);
	thread.in_gate = true;
	OK(0x400000, 100, true);
	OK(USER, 100, true);
	OK(IMAGE, 100, false);
	NO(WINDOW_END - 1, 2, true);
	NO(KERNEL, 1, true);
	assert_int_equal(asked_read + asked_write, 0);
}

TEST(usercopy_reports_faults_and_finds_fixups)
{
	char buf[300];
	uint32_t v = 0;

	as_application();
	memset(memory, 7, sizeof(memory));
	assert_int_equal(copy_from_user(buf, USER + BAD - 10, 10), 0);
	assert_int_equal(copy_from_user(buf, USER + BAD - 10, 11), -EFAULT);
	assert_int_equal(copy_to_user(USER + BAD, "x", 1), -EFAULT);
	assert_int_equal(clear_user(USER, 4), 0);
	assert_int_equal(memory[3] + memory[4], 7);
	assert_int_equal(copy_to_user(KERNEL, "x", 1), -EFAULT);
	strcpy((char *) memory + 50, "a path");
	assert_int_equal(copy_string_from_user(buf, USER + 50, 7), 6);
	assert_string_equal(buf, "a path");
	assert_int_equal(copy_string_from_user(buf, USER + 50, 6), -ENAMETOOLONG);
	assert_int_equal(copy_string_from_user(buf, USER + 60, 300), -EFAULT);
	assert_int_equal(copy_string_from_user(buf, KERNEL, 10), -EFAULT);
	assert_int_equal(user_write32(USER + 8, 1234), 0);
	assert_int_equal(user_cmpxchg32(USER + 8, 1234, 99, &v), 0);
	assert_int_equal(v, 1234);
	assert_int_equal(user_cmpxchg32(USER + 8, 1234, 5, &v), 0);
	assert_int_equal(v, 99);
	assert_int_equal(user_read32(USER + BAD, &v), -EFAULT);
	assert_int_equal(ex_table_lookup(101), 201);
	assert_int_equal(ex_table_lookup(102), 0);
}

TEST(iter_walks_over_its_parts_and_stops_at_a_fault)
{
	struct iovec64 iov[] = { { USER, 3 }, { USER + 50, 0 }, { USER + 10, 4 }, { USER + BAD - 2, 10 } };
	struct iter it;
	char buf[32];

	as_application();
	memset(memory, 0, sizeof(memory));
	iter_init_iov(&it, iov, 4);
	assert_int_equal(it.left, 17);
	assert_int_equal(iter_put(&it, "ab", 2), 2);
	assert_int_equal(iter_put(&it, "cdefghijkl", 10), 7); /* as far as it goes */
	assert_memory_equal(memory, "abc", 4);
	assert_memory_equal(memory + 10, "defg", 5);
	assert_memory_equal(memory + BAD - 2, "hi", 2);
	assert_int_equal(iter_put(&it, "k", 1), -EFAULT);
	assert_int_equal(it.left, 8);

	iter_init_user(&it, USER, 3);
	assert_int_equal(iter_get(&it, buf, 32), 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(iter_get(&it, buf, 32), 0);

	iter_init_kernel(&it, buf, 5);
	assert_int_equal(iter_zero(&it, 2), 2);
	assert_int_equal(iter_put(&it, "xyz!", 4), 3);
	assert_memory_equal(buf, "\0\0xyz", 5);

	iter_init_iov(&it, iov, 0);
	assert_int_equal(iter_put(&it, "x", 1), 0);
}

TEST_MAIN
