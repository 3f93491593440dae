/* kernel.c: asks the Linux kernel's verifier, see kernel.h. */
#include "tests/bpf/verifier/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <sys/syscall.h>

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* What bpf_insn.off = 0, imm = map number becomes. */
static void put_maps(struct bpf_insn *insns, unsigned count, const int *maps, unsigned map_count)
{
	for (unsigned i = 0; i < count; i++) {
		if (insns[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if ((insns[i].src_reg == BPF_PSEUDO_MAP_FD || insns[i].src_reg == BPF_PSEUDO_MAP_VALUE) &&
		    (unsigned)insns[i].imm < map_count)
			insns[i].imm = maps[insns[i].imm];
		i++;
	}
}

static struct __user_cap_data_struct all_rights[2];

static bool set_rights(bool privileged)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	memcpy(data, all_rights, sizeof(data));
	if (!privileged) {
		data[0].effective &= 1u << CAP_NET_ADMIN;
		data[1].effective &= 1u << (CAP_BPF - 32);
	}
	return syscall(SYS_capset, &header, data) == 0;
}

bool kernel_works(const char **ret_why)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct bpf_insn nothing[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	char log[256];

	if (syscall(SYS_capget, &header, all_rights) != 0 || !(all_rights[0].effective & (1u << CAP_SYS_ADMIN))) {
		*ret_why = "not root";
		return false;
	}
	if (kernel_verify(BPF_PROG_TYPE_XDP, nothing, 2, NULL, 0, true, log, sizeof(log)) != 0 ||
	    kernel_verify(BPF_PROG_TYPE_XDP, nothing, 2, NULL, 0, false, log, sizeof(log)) != 0) {
		*ret_why = "bpf() does not work here";
		return false;
	}
	return true;
}

int kernel_map(uint32_t type, uint32_t key, uint32_t value, uint32_t max, uint32_t flags, int inner,
	       const void *contents, bool frozen)
{
	union bpf_attr attr = {
		.map_type = type, .key_size = key, .value_size = value, .max_entries = max, .map_flags = flags};
	uint32_t zero = 0;
	long fd;

	if (inner >= 0)
		attr.inner_map_fd = (uint32_t)inner;
	fd = bpf(BPF_MAP_CREATE, &attr);
	if (fd < 0)
		return -errno;
	if (contents) {
		attr = (union bpf_attr){.map_fd = (uint32_t)fd};
		attr.key = (uintptr_t)&zero;
		attr.value = (uintptr_t)contents;
		if (bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
			return -errno;
	}
	if (frozen) {
		attr = (union bpf_attr){.map_fd = (uint32_t)fd};
		if (bpf(BPF_MAP_FREEZE, &attr) < 0)
			return -errno;
	}
	return (int)fd;
}

/*
 * Programs with callbacks, or tail calls in functions, must say which functions they have, as types: one static
 * function's stands for all here.
 */
static int load_types(void)
{
	static const struct {
		struct btf_header head;
		struct btf_type integer;
		uint32_t bits;
		struct btf_type proto, function;
		char strings[8];
	} btf = {
		.head = {.magic = BTF_MAGIC,
			 .version = 1,
			 .hdr_len = sizeof(struct btf_header),
			 .type_len = 3 * sizeof(struct btf_type) + 4,
			 .str_off = 3 * sizeof(struct btf_type) + 4,
			 .str_len = 8},
		.integer = {.name_off = 1, .info = BTF_KIND_INT << 24, .size = 4},
		.bits = BTF_INT_SIGNED << 24 | 32,
		.proto = {.info = BTF_KIND_FUNC_PROTO << 24, .type = 1},
		.function = {.name_off = 5, .info = BTF_KIND_FUNC << 24 | BTF_FUNC_STATIC, .type = 2},
		.strings = "\0int\0f\0",
	};
	union bpf_attr attr = {.btf = (uintptr_t)&btf, .btf_size = sizeof(btf)};

	return (int)bpf(BPF_BTF_LOAD, &attr);
}

/* Where functions start: at the first instruction, and where calls and BPF_PSEUDO_FUNC lead. Returns how many. */
static unsigned find_functions(const struct bpf_insn *insns, unsigned count, struct bpf_func_info *info, unsigned max)
{
	unsigned n = 0;
	bool callbacks = false;

	for (unsigned at = 0; at < count; at++) {
		bool starts = at == 0;

		for (unsigned i = 0; i < count; i++) {
			bool func = insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) && insns[i].src_reg == BPF_PSEUDO_FUNC;
			bool call = insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg == BPF_PSEUDO_CALL;

			callbacks |= func;
			starts |= (func || call) && (long)i + 1 + insns[i].imm == (long)at;
		}
		if (starts && n < max)
			info[n++] = (struct bpf_func_info){.insn_off = at, .type_id = 3};
	}
	return callbacks || n > 1 ? n : 0;
}

static void last_line(const char *text, char *log, size_t size)
{
	size_t end = strlen(text), from;

	while (end && text[end - 1] == '\n')
		end--;
	/* The statistics come behind the refusal. */
	for (from = end; from && text[from - 1] != '\n'; from--)
		;
	if (!strncmp(text + from, "processed ", 10) && from > 1) {
		end = from - 1;
		for (from = end; from && text[from - 1] != '\n'; from--)
			;
	}
	snprintf(log, size, "%.*s", (int)(end - from), text + from);
}

int kernel_verify(unsigned type, const void *insns, unsigned count, const int *maps, unsigned map_count,
		  bool privileged, char *log, size_t size)
{
	static char text[1 << 20];
	struct bpf_insn *copy = calloc(count ? count : 1, sizeof(*copy));
	union bpf_attr attr = {.prog_type = type};
	struct bpf_func_info info[64];
	int error, types = -1;
	long fd;

	if (!copy)
		abort();
	memcpy(copy, insns, count * sizeof(*copy));
	put_maps(copy, count, maps, map_count);
	attr.insn_cnt = count;
	attr.insns = (uintptr_t)copy;
	attr.license = (uintptr_t) "GPL";
	if (type == BPF_PROG_TYPE_SYSCALL)
		attr.prog_flags = BPF_F_SLEEPABLE;
	attr.func_info_cnt = find_functions(copy, count, info, 64);
	if (attr.func_info_cnt) {
		types = load_types();
		attr.prog_btf_fd = (uint32_t)types;
		attr.func_info_rec_size = sizeof(info[0]);
		attr.func_info = (uintptr_t)info;
	}
	text[0] = '\0';
	if (!set_rights(privileged))
		abort();
	fd = bpf(BPF_PROG_LOAD, &attr);
	error = errno;
	if (fd < 0) {
		/* Again for the words. */
		attr.log_level = 1;
		attr.log_buf = (uintptr_t)text;
		attr.log_size = sizeof(text);
		bpf(BPF_PROG_LOAD, &attr);
	}
	if (!set_rights(true))
		abort();
	last_line(text, log, size);
	kernel_close(types);
	free(copy);
	if (fd < 0)
		return -error;
	close((int)fd);
	return 0;
}

void kernel_close(int fd)
{
	if (fd >= 0)
		close(fd);
}
