/* pure */
/* object_sec.c: what a section's name says about the programs in it: libbpf's spellings, as a table. */
#include "bpf/object.h"

#include "lib/errno.h"
#include "lib/str.h"

/* How much of a section's name the spelling is: all of it, all up to a slash that must follow, or either. */
enum form {
	WHOLE,
	PREFIX,
	EITHER,
};

static const struct {
	const char *spelling;
	enum form form;
	enum bpf_prog_type type; /* BPF_PROG_TYPE_UNSPEC: Linux has it, there is no hook for it here */
	enum bpf_hook hook;
	enum bpf_attach_type attach_type;
} spellings[] = {
	{"kprobe", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KPROBE, 0},
	{"kprobe.multi", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KPROBE, BPF_TRACE_KPROBE_MULTI},
	{"uprobe", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KPROBE, 0},
	{"kretprobe", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KRETPROBE, 0},
	{"kretprobe.multi", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KRETPROBE, BPF_TRACE_KPROBE_MULTI},
	{"uretprobe", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KRETPROBE, 0},
	{"ksyscall", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KPROBE, 0},
	{"kretsyscall", EITHER, BPF_PROG_TYPE_KPROBE, BPF_HOOK_KRETPROBE, 0},
	{"tracepoint", EITHER, BPF_PROG_TYPE_TRACEPOINT, BPF_HOOK_TRACEPOINT, 0},
	{"tp", EITHER, BPF_PROG_TYPE_TRACEPOINT, BPF_HOOK_TRACEPOINT, 0},
	{"raw_tracepoint", EITHER, BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_HOOK_RAW_TRACEPOINT, 0},
	{"raw_tp", EITHER, BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_HOOK_RAW_TRACEPOINT, 0},
	{"perf_event", EITHER, BPF_PROG_TYPE_PERF_EVENT, BPF_HOOK_PERF_EVENT, 0},
	{"xdp", EITHER, BPF_PROG_TYPE_XDP, BPF_HOOK_XDP, BPF_XDP},
	{"socket", EITHER, BPF_PROG_TYPE_SOCKET_FILTER, BPF_HOOK_NONE, 0},
	{"syscall", WHOLE, BPF_PROG_TYPE_SYSCALL, BPF_HOOK_NONE, 0},
	{"usdt", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"fentry", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"fexit", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"fmod_ret", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"fentry.s", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"fexit.s", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"freplace", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lsm", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lsm.s", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lsm_cgroup", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"iter", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"iter.s", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"tp_btf", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"raw_tracepoint.w", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"raw_tp.w", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"uprobe.s", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"uretprobe.s", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"xdp.frags", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"tc", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"classifier", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"action", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lwt_in", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lwt_out", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lwt_xmit", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lwt_seg6local", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"sockops", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"sk_skb", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"sk_msg", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"sk_reuseport", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"sk_lookup", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"flow_dissector", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"lirc_mode2", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"cgroup_skb", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"cgroup", PREFIX, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
	{"struct_ops", EITHER, BPF_PROG_TYPE_UNSPEC, BPF_HOOK_NONE, 0},
};

int bpf_sec_parse(const char *section, struct bpf_sec *ret)
{
	bool optional = section[0] == '?';
	const char *name = section + optional;

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		size_t n = strlen(spellings[i].spelling);

		if (strncmp(name, spellings[i].spelling, n) != 0)
			continue;
		if (name[n] != '\0' && name[n] != '/')
			continue;
		if (name[n] == '\0' ? spellings[i].form == PREFIX : spellings[i].form == WHOLE)
			continue;
		if (spellings[i].type == BPF_PROG_TYPE_UNSPEC)
			return -ENOTSUPP;
		*ret = (struct bpf_sec){
			.type = spellings[i].type,
			.attach_type = spellings[i].attach_type,
			.hook = spellings[i].hook,
			.optional = optional,
			.attach = name[n] ? name + n + 1 : "",
		};
		return 0;
	}
	return -EINVAL;
}
