/* kernel.c: see kernel.h. */
#include "tests/bpf/kernel.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sys_bpf(int command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static int new_map(unsigned type, size_t value_size)
{
	union bpf_attr attr = { .map_type = type, .key_size = 4, .max_entries = 1 };

	attr.value_size = (uint32_t)value_size;
	return sys_bpf(BPF_MAP_CREATE, &attr);
}

int kernel_load(const void *insns, size_t count, unsigned type, unsigned map_type, size_t value_size, int *ret_map,
                char *log, size_t log_size)
{
	struct bpf_insn *copy = malloc(count * sizeof(*copy));
	union bpf_attr attr = { 0 };
	int map = -1, r;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, insns, count * sizeof(*copy));
	if (value_size) {
		map = new_map(map_type, value_size);
		if (map < 0) {
			free(copy);
			return map;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (copy[i].code == (BPF_LD | BPF_IMM | BPF_DW) && copy[i].src_reg == BPF_PSEUDO_MAP_FD)
			copy[i].imm = map;
	attr.prog_type = type;
	attr.insns = (uint64_t)copy;
	attr.insn_cnt = (uint32_t)count;
	attr.license = (uint64_t)"GPL";
	r = sys_bpf(BPF_PROG_LOAD, &attr);
	if (r < 0 && log) {
		attr.log_level = 1;
		attr.log_buf = (uint64_t)log;
		attr.log_size = (uint32_t)log_size;
		log[0] = 0;
		sys_bpf(BPF_PROG_LOAD, &attr);
		/* With too much to say, it keeps the end or the beginning; a terminator is there. */
		log[log_size - 1] = 0;
	}
	free(copy);
	if (r < 0 && map >= 0)
		close(map);
	if (r >= 0 && ret_map)
		*ret_map = map < 0 ? 0 : map;
	return r;
}

int kernel_run(int prog, unsigned repeat, uint32_t *ret_r0, uint32_t *ret_ns)
{
	uint8_t packet[64] = { 0 }, out[256];
	union bpf_attr attr = { 0 };
	int r;

	attr.test.prog_fd = (uint32_t)prog;
	attr.test.data_in = (uint64_t)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.data_out = (uint64_t)out;
	attr.test.data_size_out = sizeof(out);
	attr.test.repeat = repeat;
	r = sys_bpf(BPF_PROG_TEST_RUN, &attr);
	if (r < 0)
		return r;
	*ret_r0 = attr.test.retval;
	if (ret_ns)
		*ret_ns = attr.test.duration;
	return 0;
}

int kernel_get_value(int map, void *value)
{
	uint32_t key = 0;
	union bpf_attr attr = { 0 };

	attr.map_fd = (uint32_t)map;
	attr.key = (uint64_t)&key;
	attr.value = (uint64_t)value;
	return sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

int kernel_set_value(int map, const void *value)
{
	uint32_t key = 0;
	union bpf_attr attr = { 0 };

	attr.map_fd = (uint32_t)map;
	attr.key = (uint64_t)&key;
	attr.value = (uint64_t)value;
	return sys_bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

bool kernel_bpf_works(void)
{
	struct bpf_insn two[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 7 }, { .code = BPF_JMP | BPF_EXIT } };
	uint32_t r0 = 0;
	int prog = kernel_load(two, 2, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, NULL, NULL, 0);
	bool works;

	if (prog < 0)
		return false;
	works = kernel_run(prog, 1, &r0, NULL) == 0 && r0 == 7;
	close(prog);
	return works;
}
