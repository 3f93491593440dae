/* pure */
/* helper.c: the table of helpers (bpf/helpers.tbl.h) as data for the verifier. The functions themselves are elsewhere. */
#include "bpf/helper.h"

static const struct bpf_helper_proto protos[] = {
#define BPF_HELPER(NUMBER, NAME, RET, A1, A2, A3, A4, A5, WHO) { NUMBER, RET, { A1, A2, A3, A4, A5 }, WHO, #NAME },
#include "bpf/helpers.tbl.h"
#undef BPF_HELPER
};

const struct bpf_helper_proto *bpf_helper_proto(uint32_t number)
{
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (protos[i].number == number)
			return &protos[i];
	return NULL;
}

static uint32_t who_is(enum bpf_prog_type type)
{
	switch (type) {
	case BPF_PROG_TYPE_KPROBE:
		return BPF_WHO_TRACING | BPF_WHO_KPROBE;
	case BPF_PROG_TYPE_PERF_EVENT:
		return BPF_WHO_TRACING | BPF_WHO_PERF;
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_TRACING:
		return BPF_WHO_TRACING;
	case BPF_PROG_TYPE_XDP:
		return BPF_WHO_XDP | BPF_WHO_NET;
	case BPF_PROG_TYPE_SOCKET_FILTER:
	case BPF_PROG_TYPE_SCHED_CLS:
		return BPF_WHO_NET;
	case BPF_PROG_TYPE_SYSCALL:
		return BPF_WHO_SYSCALL;
	default:
		return 0;
	}
}

bool bpf_helper_allowed(const struct bpf_helper_proto *proto, enum bpf_prog_type type)
{
	return proto->who == BPF_WHO_ALL || (proto->who & who_is(type));
}
