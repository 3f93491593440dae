/* test_insn.c: what trace/insn.h promises. Lengths are also compared with objdump's (tests/trace/run-insn.sh). */
#include "trace/insn.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

#define AT 0x40200000u
#define TO 0x7d001000u

static int move(const char *bytes, size_t n, uint8_t *out)
{
	memset(out, 0xee, INSN_MOVED_MAX);
	return insn_move((const uint8_t *)bytes, n, AT, TO, out);
}

/* Where the jump or call that ends at out + end leads. */
static uint64_t target(const uint8_t *out, unsigned end)
{
	int32_t rel;

	memcpy(&rel, out + end - 4, 4);
	return TO + end + (uint64_t)(int64_t)rel;
}

TEST(insn_length_counts_prefixes_modrm_sib_displacement_and_immediate)
{
	static const struct {
		const char *bytes;
		int length;
	} all[] = {
		{"\x55", 1},			     /* push %rbp */
		{"\x41\x57", 2},		     /* push %r15 */
		{"\xf3\x0f\x1e\xfa", 4},	     /* endbr64 */
		{"\x48\x83\xec\x18", 4},	     /* sub $24, %rsp */
		{"\x48\x81\xec\0\1\0\0", 7},	     /* sub $256, %rsp */
		{"\x48\xb8\1\2\3\4\5\6\7\x08", 10},  /* movabs */
		{"\x66\xc7\x44\x24\x08\1\0", 7},     /* movw $1, 8(%rsp) */
		{"\x64\x48\x8b\x04\x25\0\0\0\0", 9}, /* mov %fs:0, %rax */
		{"\x48\x8b\x05\0\0\0\0", 7},	     /* mov 0(%rip), %rax */
		{"\xf6\x07\x01", 3},		     /* testb $1, (%rdi) */
		{"\xf6\xd8", 2},		     /* neg %al: no immediate */
		{"\xf7\xc7\0\0\1\0", 6},	     /* test $0x10000, %edi */
		{"\x0f\x84\0\0\0\0", 6},	     /* je */
		{"\x66\x0f\xef\xc0", 4},	     /* pxor */
		{"\xc2\x08\x00", 3},		     /* ret $8 */
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(insn_length((const uint8_t *)all[i].bytes, (size_t)all[i].length), all[i].length);
		/* Cut off: not an instruction. */
		assert_int_equal(insn_length((const uint8_t *)all[i].bytes, (size_t)all[i].length - 1), -EINVAL);
	}
	assert_int_equal(insn_length((const uint8_t *)"\xc5\xf8\x77", 3), -EINVAL); /* VEX */
	assert_int_equal(insn_length((const uint8_t *)"\x06", 1), -EINVAL);	    /* none in 64-bit mode */
	assert_int_equal(insn_length((const uint8_t *)"", 0), -EINVAL);
}

TEST(insn_move_copies_and_jumps_back)
{
	uint8_t out[INSN_MOVED_MAX];

	assert_int_equal(move("\x48\x83\xec\x18", 4, out), 9);
	assert_memory_equal(out, "\x48\x83\xec\x18\xe9", 5);
	assert_int_equal(target(out, 9), AT + 4);
}

TEST(insn_move_keeps_what_an_instruction_relative_address_means)
{
	uint8_t out[INSN_MOVED_MAX];

	assert_int_equal(move("\x48\x8b\x05\x10\0\0\0", 7, out), 12); /* mov 16(%rip), %rax */
	assert_int_equal(target(out, 7), AT + 7 + 16);
	/* The displacement is not at the end: cmpl $1, 16(%rip) */
	assert_int_equal(move("\x83\x3d\x10\0\0\0\x01", 7, out), 12);
	assert_int_equal(target(out, 6) + 1, AT + 7 + 16);
}

TEST(insn_move_of_jumps_and_calls_goes_where_they_went)
{
	uint8_t out[INSN_MOVED_MAX];

	assert_int_equal(move("\xeb\xfe", 2, out), 5); /* to itself */
	assert_int_equal(target(out, 5), AT);
	assert_int_equal(move("\x74\x10", 2, out), 11);
	assert_memory_equal(out, "\x0f\x84", 2);
	assert_int_equal(target(out, 6), AT + 2 + 16);
	assert_int_equal(target(out, 11), AT + 2);
	assert_int_equal(move("\xe8\0\1\0\0", 5, out), 10);
	assert_memory_equal(out, "\x68\x05\0\x20\x40\xe9", 6); /* push of the return address where the call stood */
	assert_int_equal(target(out, 10), AT + 5 + 256);
}

TEST(insn_move_refuses_what_must_stay)
{
	uint8_t out[INSN_MOVED_MAX];

	assert_int_equal(move("\xff\xd0", 2, out), -EINVAL);	     /* call *%rax */
	assert_int_equal(move("\xff\x15\0\0\0\0", 6, out), -EINVAL); /* call *0(%rip) */
	assert_int_equal(move("\x0f\x05", 2, out), -EINVAL);	     /* syscall */
	assert_int_equal(move("\xe3\x02", 2, out), -EINVAL);	     /* jrcxz */
	assert_int_equal(move("\x0f\x0b", 2, out), -EINVAL);	     /* ud2 */
	assert_int_equal(move("\xf4", 1, out), -EINVAL);	     /* hlt */
	assert_int_equal(move("\xc7\xf8\x10\0\0\0", 6, out), -EINVAL); /* xbegin */
	assert_int_equal(move("\xff\x26", 2, out), 2);		     /* jmp *(%rsi) may go */
}

TEST(insn_move_refuses_sti_whose_shadow_covers_the_hlt_behind_it)
{
	uint8_t out[INSN_MOVED_MAX];

	assert_int_equal(move("\xfb\xf4", 2, out), -EINVAL);
	assert_int_equal(move("\xfb", 1, out), -EINVAL);
	assert_int_equal(move("\xfb\xc3", 2, out), 6);
}

static int move_run(const char *bytes, size_t n, uint8_t *out, size_t *ret_length)
{
	memset(out, 0xee, INSN_RUN_MAX);
	return insn_move_run((const uint8_t *)bytes, n, AT, 5, TO, out, ret_length);
}

TEST(insn_move_run_takes_whole_instructions_until_there_is_room)
{
	uint8_t out[INSN_RUN_MAX];
	size_t length = 0;

	/* push %rbp; mov %rsp, %rbp; sub $24, %rsp; nop */
	assert_int_equal(move_run("\x55\x48\x89\xe5\x48\x83\xec\x18\x90", 9, out, &length), 13);
	assert_int_equal(length, 8);
	assert_memory_equal(out, "\x55\x48\x89\xe5\x48\x83\xec\x18\xe9", 9);
	assert_int_equal(target(out, 13), AT + 8);
}

TEST(insn_move_run_puts_right_what_is_relative_in_each)
{
	uint8_t out[INSN_RUN_MAX];
	size_t length = 0;

	/* test %edi, %edi; je +16; cmpl $1, 16(%rip) */
	assert_int_equal(move_run("\x85\xff\x74\x10\x83\x3d\x10\0\0\0\x01", 11, out, &length), 20);
	assert_int_equal(length, 11);
	assert_memory_equal(out, "\x85\xff\x0f\x84", 4);
	assert_int_equal(target(out, 8), AT + 4 + 16);
	assert_memory_equal(out + 8, "\x83\x3d", 2);
	assert_int_equal(target(out, 14) + 1, AT + 11 + 16);
	assert_int_equal(target(out, 20), AT + 11);
}

TEST(insn_move_run_may_end_with_what_leads_elsewhere_and_not_go_beyond)
{
	uint8_t out[INSN_RUN_MAX];
	size_t length = 77;

	assert_int_equal(move_run("\x31\xc0\xc3\x90\x90\x90", 6, out, &length), -EINVAL); /* xor; ret */
	assert_int_equal(move_run("\x31\xc0\xff\xe0\x90\x90", 6, out, &length), -EINVAL); /* xor; jmp *%rax */
	assert_int_equal(move_run("\xeb\x10\x90\x90\x90", 5, out, &length), -EINVAL);
	assert_int_equal(move_run("\x31\xc0\x31\xff\x0f", 5, out, &length), -EINVAL); /* cut off */
	assert_int_equal(length, 77);
	assert_int_equal(move_run("\x31\xc0\x31\xff\xc3", 5, out, &length), 5);
	assert_int_equal(length, 5);
	assert_int_equal(move_run("\x50\xe8\0\1\0\0", 6, out, &length), 11); /* push %rax; call */
	assert_memory_equal(out, "\x50\x68\x06\0\x20\x40\xe9", 7);
	assert_int_equal(target(out, 11), AT + 6 + 256);
}

static bool handles(const char *code, size_t size)
{
	return insn_handles_return((const uint8_t *)code, size);
}

TEST(insn_handles_return_knows_functions_that_keep_or_take_their_return_address)
{
	/* setjmp: mov %rbx, (%rdi); lea 8(%rsp), %rdx; mov (%rsp), %rdx */
	assert_true(handles("\x48\x89\x1f\x48\x8d\x54\x24\x08\x48\x8b\x14\x24\xc3", 13));
	/* sigsetjmp: test %esi, %esi; jz +10; pop 64(%rdi) */
	assert_true(handles("\x85\xf6\x74\x0a\x8f\x47\x40\xc3", 8));
	/* vfork: pop %rdx; syscall */
	assert_true(handles("\x5a\x0f\x05", 3));
	/* mov 48(%rdi), %rsp; mov %rdi, %rsp */
	assert_true(handles("\x48\x8b\x67\x30\xc3", 5));
	assert_true(handles("\x48\x89\xfc\xc3", 4));
}

TEST(insn_handles_return_lets_others_be)
{
	/* push %rbp; mov %rsp, %rbp; pop %rbp */
	assert_false(handles("\x55\x48\x89\xe5\x5d\xc3", 6));
	/* sub $8, %rsp; mov (%rsp), %rax */
	assert_false(handles("\x48\x83\xec\x08\x48\x8b\x04\x24", 8));
	/* mov 8(%rsp), %rax: an argument; mov (%r12), %rax; mov %rsp, %rax; mov %rdi, %r12; pop behind the return */
	assert_false(handles("\x48\x8b\x44\x24\x08\xc3", 6));
	assert_false(handles("\x49\x8b\x04\x24\xc3", 5));
	assert_false(handles("\x48\x89\xe0\xc3", 4));
	assert_false(handles("\x49\x89\xfc\xc3", 4));
	assert_false(handles("\x31\xc0\xc3\x5a", 4));
	/* What is not known, and the end of the bytes */
	assert_false(handles("\x0f\x01\xf9\x5a", 4));
	assert_false(handles("\x31\xc0", 2));
	assert_false(handles("", 0));
}

TEST_MAIN
