/*
 * test_xdp.c: the helpers that move a packet's borders, against a packet that is moved by hand, and csum_diff against the
 * sum by definition and the Linux kernel's, where bpf() works.
 */
#include <errno.h>
#include <unistd.h>

#include "bpf/csum.h"
#include "bpf/xdp.h"
#include "tests/bpf/cases.h"
#include "tests/bpf/kernel.h"

#define ROOM 400

static struct bpf_helpers helpers;
static struct bpf_xdp_packet packet;
static uint8_t *room;

static void start(unsigned before, unsigned size)
{
	bpf_helpers_add_xdp(&helpers);
	room = realloc(room, ROOM);
	memset(room, 0xee, ROOM);
	for (unsigned i = 0; i < size; i++)
		room[before + i] = (uint8_t)(i + 1);
	packet = (struct bpf_xdp_packet){ .room = room, .room_end = room + ROOM };
	packet.context = (struct bpf_xdp_context){ room + before, room + before + size, room + before, 2, 0 };
}

static int64_t adjust(unsigned helper, int delta)
{
	return (int64_t)helpers.fn[helper]((uint64_t)&packet, (uint64_t)(int64_t)delta, 0, 0, 0);
}

static int64_t bytes(unsigned helper, unsigned offset, void *buf, unsigned size)
{
	return (int64_t)helpers.fn[helper]((uint64_t)&packet, offset, (uint64_t)buf, size, 0);
}

#define HEAD(d) adjust(BPF_FUNC_xdp_adjust_head, d)
#define TAIL(d) adjust(BPF_FUNC_xdp_adjust_tail, d)
#define META(d) adjust(BPF_FUNC_xdp_adjust_meta, d)

TEST(the_start_moves_and_the_least_is_a_header)
{
	start(100, 60);
	assert_int_equal(HEAD(46), 0);
	assert_int_equal(packet.context.data[0], 47);
	assert_int_equal(packet.removed, 46);
	assert_int_equal(HEAD(1), -EINVAL);
	assert_int_equal(HEAD(-46), 0);
	assert_int_equal(packet.context.data[0], 1);
	assert_int_equal(packet.removed, 0);
	assert_int_equal(HEAD(INT32_MAX), -EINVAL);
	assert_int_equal(HEAD(INT32_MIN), -EINVAL);
	assert_ptr_equal(packet.context.data, room + 100);
}

TEST(a_packet_without_room_before_it_moves_up)
{
	start(0, 60);
	assert_int_equal(HEAD(-300), 0);
	assert_ptr_equal(packet.context.data, room);
	assert_int_equal(packet.context.data_end - packet.context.data, 360);
	assert_int_equal(packet.context.data[300], 1);
	assert_int_equal(packet.context.data[359], 60);
	assert_int_equal(packet.removed, -300);
	assert_int_equal(HEAD(-41), -EINVAL);
	assert_int_equal(HEAD(-40), 0);
	assert_ptr_equal(packet.context.data_end, room + ROOM);
	assert_int_equal(packet.context.data[340], 1);
	assert_int_equal(TAIL(1), -EINVAL);
}

TEST(the_end_moves_and_what_is_new_is_zero)
{
	start(100, 60);
	assert_int_equal(TAIL(-46), 0);
	assert_int_equal(TAIL(-1), -EINVAL);
	assert_int_equal(TAIL(20), 0);
	for (int i = 14; i < 34; i++)
		assert_int_equal(packet.context.data[i], 0);
	assert_int_equal(packet.context.data[13], 14);
	assert_int_equal(TAIL(ROOM - 134 + 1), -EINVAL);
	assert_int_equal(TAIL(ROOM - 134), 0);
	assert_int_equal(TAIL(INT32_MIN), -EINVAL);
}

TEST(metadata_are_words_that_move_with_the_start)
{
	start(100, 60);
	assert_int_equal(META(-3), -EACCES);
	assert_int_equal(META(-256), -EACCES);
	assert_int_equal(META(4), -EINVAL);
	assert_int_equal(META(-8), 0);
	memcpy(packet.context.data_meta, "metadata", 8);
	assert_int_equal(HEAD(20), 0);
	assert_memory_equal(packet.context.data_meta, "metadata", 8);
	assert_ptr_equal(packet.context.data_meta + 8, packet.context.data);
	/* There are 92 + 20 bytes before them. */
	assert_int_equal(HEAD(-150), 0);
	assert_memory_equal(packet.context.data_meta, "metadata", 8);
	assert_ptr_equal(packet.context.data_meta, room);
	assert_int_equal(packet.context.data[150], 21);
	assert_int_equal(META(-100), 0);
	assert_int_equal(packet.context.data_meta[0], 0);
	assert_memory_equal(packet.context.data - 8, "metadata", 8);
	assert_int_equal(META(108), 0);
	assert_ptr_equal(packet.context.data_meta, packet.context.data);
}

TEST(bytes_are_read_and_written_within_the_packet)
{
	uint8_t buf[4] = { 9, 9, 9, 9 };

	start(100, 60);
	assert_int_equal(bytes(BPF_FUNC_xdp_load_bytes, 56, buf, 4), 0);
	assert_int_equal(buf[3], 60);
	assert_int_equal(bytes(BPF_FUNC_xdp_load_bytes, 57, buf, 4), -EINVAL);
	assert_int_equal(bytes(BPF_FUNC_xdp_load_bytes, 0x10000, buf, 1), -EFAULT);
	assert_int_equal(bytes(BPF_FUNC_xdp_store_bytes, UINT32_MAX, buf, 4), -EFAULT);
	assert_int_equal(bytes(BPF_FUNC_xdp_store_bytes, 57, buf, 4), -EINVAL);
	assert_int_equal(bytes(BPF_FUNC_xdp_store_bytes, 0, buf, 4), 0);
	assert_int_equal(packet.context.data[3], 60);
	assert_int_equal(helpers.fn[BPF_FUNC_xdp_get_buff_len]((uint64_t)&packet, 0, 0, 0, 0), 60);
	free(room);
	room = NULL;
}

TEST(sums_of_all_lengths_are_those_of_the_definition)
{
	uint8_t data[67];

	for (unsigned size = 0; size <= sizeof(data); size++) {
		uint32_t sum = 0;

		for (unsigned i = 0; i < size; i++)
			data[i] = (uint8_t)(i * 151 + size * 7 + 200);
		for (unsigned i = 0; i < size; i++)
			sum += (uint32_t)data[i] << (i & 1 ? 8 : 0);
		while (sum >> 16)
			sum = (sum & 0xffff) + (sum >> 16);
		assert_int_equal(csum_fold(csum_add(0, data, size)), sum);
	}
	assert_int_equal(csum_fold(csum_add(UINT64_MAX, "\1\0\0\0", 4)), 1);
}

/* csum_diff of the stack's 32 bytes: FROM_SIZE at its start, TO_SIZE from the middle. The seed's upper half too. */
TEST(csum_diff_is_the_kernels)
{
	static char log[4096];
	uint64_t state = 1;

	for (unsigned n = 0; n < 300; n++) {
		uint64_t word[5];

		for (int i = 0; i < 5; i++) {
			state = state * 6364136223846793005 + 1442695040888963407;
			word[i] = state >> 32 | state << 32;
			/* Many zeros and ones, where sums are ambiguous. */
			word[i] = n % 5 == 0 ? 0 : n % 5 == 1 ? ~0ull : word[i];
		}
		int from = (int)(n % 7) * 4 % 20, to = (int)(n / 7 % 5) * 4;
		struct bpf_insn wide[][2] = { { BPF_LD_IMM64(1, word[0]) }, { BPF_LD_IMM64(2, word[1]) },
			                      { BPF_LD_IMM64(3, word[2]) }, { BPF_LD_IMM64(4, word[3]) },
			                      { BPF_LD_IMM64(5, (uint32_t)word[4]) } };
		struct bpf_insn insns[] = {
			wide[0][0], wide[0][1], wide[1][0], wide[1][1], wide[2][0], wide[2][1], wide[3][0], wide[3][1],
			wide[4][0], wide[4][1],
			BPF_STX_MEM(BPF_DW, 10, 1, -32), BPF_STX_MEM(BPF_DW, 10, 2, -24), BPF_STX_MEM(BPF_DW, 10, 3, -16),
			BPF_STX_MEM(BPF_DW, 10, 4, -8),
			BPF_MOV64_REG(1, 10), BPF_ALU64_IMM(BPF_ADD, 1, -32), BPF_MOV64_IMM(2, from),
			BPF_MOV64_REG(3, 10), BPF_ALU64_IMM(BPF_ADD, 3, -16), BPF_MOV64_IMM(4, to),
			BPF_CALL_HELPER(BPF_FUNC_csum_diff), BPF_EXIT_INSN(),
		};
		size_t count = sizeof(insns) / sizeof(insns[0]);
		uint64_t here = run_both(insns, count, NULL, 0).r0;
		uint32_t there;
		int prog;

		assert_int_equal(here >> 16, 0);
		if (!kernel_bpf_works())
			continue;
		prog = kernel_load(insns, count, 6, 0, 0, NULL, log, sizeof(log));
		if (prog < 0)
			fail_msg("the kernel says %d: %s", prog, log);
		assert_int_equal(kernel_run(prog, 1, &there, NULL), 0);
		close(prog);
		/* Linux before 6.13 folds nothing. */
		if (there >> 16)
			there = csum_fold(there);
		if (there != here)
			fail_msg("number %u, %d and %d bytes: %#x in the kernel, %#x here", n, from, to, there, (unsigned)here);
	}
}

TEST_MAIN
