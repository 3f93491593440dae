/* pure */
/*
 * helpers.tbl.h: the table of helpers, BPF_HELPER(number, name, result, five arguments, who). Included many times by
 * files that define BPF_HELPER first. Numbers and signatures: include/uapi/linux/bpf.h, and the bpf_func_proto of each
 * in kernel/bpf/helpers.c, kernel/trace/bpf_trace.c and net/core/filter.c.
 */
#define A_ ARG_DONTCARE
#define ANY ARG_ANYTHING
#define MAP ARG_CONST_MAP_PTR
#define KEY ARG_PTR_TO_MAP_KEY
#define VAL ARG_PTR_TO_MAP_VALUE
#define UVAL ARG_PTR_TO_UNINIT_MAP_VALUE
#define MEM ARG_PTR_TO_MEM
#define MEM0 ARG_PTR_TO_MEM_OR_NULL
#define UMEM ARG_PTR_TO_UNINIT_MEM
#define SIZE ARG_CONST_SIZE
#define SIZE0 ARG_CONST_SIZE_OR_ZERO
#define CTX ARG_PTR_TO_CTX
#define FUNC ARG_PTR_TO_FUNC
#define TRACE (BPF_WHO_TRACING | BPF_WHO_SYSCALL)
#define ALL BPF_WHO_ALL
#define NET BPF_WHO_NET
#define XDP BPF_WHO_XDP

BPF_HELPER(1, map_lookup_elem, RET_PTR_TO_MAP_VALUE_OR_NULL, MAP, KEY, A_, A_, A_, ALL)
BPF_HELPER(2, map_update_elem, RET_INTEGER, MAP, KEY, VAL, ANY, A_, ALL)
BPF_HELPER(3, map_delete_elem, RET_INTEGER, MAP, KEY, A_, A_, A_, ALL)
BPF_HELPER(4, probe_read, RET_INTEGER, UMEM, SIZE0, ANY, A_, A_, TRACE)
BPF_HELPER(5, ktime_get_ns, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(6, trace_printk, RET_INTEGER, MEM, SIZE, ANY, ANY, ANY, ALL)
BPF_HELPER(7, get_prandom_u32, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(8, get_smp_processor_id, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(12, tail_call, RET_VOID, CTX, MAP, ANY, A_, A_, ALL)
BPF_HELPER(14, get_current_pid_tgid, RET_INTEGER, A_, A_, A_, A_, A_, TRACE)
BPF_HELPER(15, get_current_uid_gid, RET_INTEGER, A_, A_, A_, A_, A_, TRACE)
BPF_HELPER(16, get_current_comm, RET_INTEGER, UMEM, SIZE, A_, A_, A_, TRACE)
BPF_HELPER(25, perf_event_output, RET_INTEGER, CTX, MAP, ANY, MEM, SIZE0, ALL)
BPF_HELPER(27, get_stackid, RET_INTEGER, CTX, MAP, ANY, A_, A_, BPF_WHO_TRACING)
BPF_HELPER(28, csum_diff, RET_INTEGER, MEM0, SIZE0, MEM0, SIZE0, ANY, NET)
BPF_HELPER(35, get_current_task, RET_INTEGER, A_, A_, A_, A_, A_, TRACE)
BPF_HELPER(42, get_numa_node_id, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(44, xdp_adjust_head, RET_INTEGER, CTX, ANY, A_, A_, A_, XDP)
BPF_HELPER(45, probe_read_str, RET_INTEGER, UMEM, SIZE0, ANY, A_, A_, TRACE)
BPF_HELPER(54, xdp_adjust_meta, RET_INTEGER, CTX, ANY, A_, A_, A_, XDP)
BPF_HELPER(65, xdp_adjust_tail, RET_INTEGER, CTX, ANY, A_, A_, A_, XDP)
BPF_HELPER(67, get_stack, RET_INTEGER, CTX, UMEM, SIZE0, ANY, A_, BPF_WHO_TRACING)
BPF_HELPER(87, map_push_elem, RET_INTEGER, MAP, VAL, ANY, A_, A_, ALL)
BPF_HELPER(88, map_pop_elem, RET_INTEGER, MAP, UVAL, A_, A_, A_, ALL)
BPF_HELPER(89, map_peek_elem, RET_INTEGER, MAP, UVAL, A_, A_, A_, ALL)
BPF_HELPER(105, strtol, RET_INTEGER, MEM, SIZE, ANY, ARG_PTR_TO_LONG, A_, ALL)
BPF_HELPER(106, strtoul, RET_INTEGER, MEM, SIZE, ANY, ARG_PTR_TO_LONG, A_, ALL)
BPF_HELPER(112, probe_read_user, RET_INTEGER, UMEM, SIZE0, ANY, A_, A_, TRACE)
BPF_HELPER(113, probe_read_kernel, RET_INTEGER, UMEM, SIZE0, ANY, A_, A_, TRACE)
BPF_HELPER(114, probe_read_user_str, RET_INTEGER, UMEM, SIZE0, ANY, A_, A_, TRACE)
BPF_HELPER(115, probe_read_kernel_str, RET_INTEGER, UMEM, SIZE0, ANY, A_, A_, TRACE)
BPF_HELPER(118, jiffies64, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(125, ktime_get_boot_ns, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(130, ringbuf_output, RET_INTEGER, MAP, MEM, SIZE0, ANY, A_, ALL)
BPF_HELPER(131, ringbuf_reserve, RET_PTR_TO_ALLOC_MEM_OR_NULL, MAP, ARG_CONST_ALLOC_SIZE_OR_ZERO, ANY, A_, A_, ALL)
BPF_HELPER(132, ringbuf_submit, RET_VOID, ARG_PTR_TO_ALLOC_MEM, ANY, A_, A_, A_, ALL)
BPF_HELPER(133, ringbuf_discard, RET_VOID, ARG_PTR_TO_ALLOC_MEM, ANY, A_, A_, A_, ALL)
BPF_HELPER(134, ringbuf_query, RET_INTEGER, MAP, ANY, A_, A_, A_, ALL)
BPF_HELPER(160, ktime_get_coarse_ns, RET_INTEGER, A_, A_, A_, A_, A_, ALL)
BPF_HELPER(164, for_each_map_elem, RET_INTEGER, MAP, FUNC, ARG_PTR_TO_STACK_OR_NULL, ANY, A_, ALL)
BPF_HELPER(165, snprintf, RET_INTEGER, UMEM, SIZE0, ARG_PTR_TO_CONST_STR, MEM0, SIZE0, ALL)
BPF_HELPER(173, get_func_ip, RET_INTEGER, CTX, A_, A_, A_, A_, BPF_WHO_KPROBE)
BPF_HELPER(174, get_attach_cookie, RET_INTEGER, CTX, A_, A_, A_, A_, BPF_WHO_TRACING)
BPF_HELPER(177, trace_vprintk, RET_INTEGER, MEM, SIZE, MEM0, SIZE0, A_, ALL)
BPF_HELPER(181, loop, RET_INTEGER, ANY, FUNC, ARG_PTR_TO_STACK_OR_NULL, ANY, A_, ALL)
BPF_HELPER(182, strncmp, RET_INTEGER, MEM, SIZE, ARG_PTR_TO_CONST_STR, A_, A_, ALL)
BPF_HELPER(188, xdp_get_buff_len, RET_INTEGER, CTX, A_, A_, A_, A_, XDP)
BPF_HELPER(189, xdp_load_bytes, RET_INTEGER, CTX, ANY, UMEM, SIZE, A_, XDP)
BPF_HELPER(190, xdp_store_bytes, RET_INTEGER, CTX, ANY, MEM, SIZE, A_, XDP)
BPF_HELPER(195, map_lookup_percpu_elem, RET_PTR_TO_MAP_VALUE_OR_NULL, MAP, KEY, ANY, A_, A_, ALL)
BPF_HELPER(208, ktime_get_tai_ns, RET_INTEGER, A_, A_, A_, A_, A_, ALL)

#undef A_
#undef ANY
#undef MAP
#undef KEY
#undef VAL
#undef UVAL
#undef MEM
#undef MEM0
#undef UMEM
#undef SIZE
#undef SIZE0
#undef CTX
#undef FUNC
#undef TRACE
#undef ALL
#undef NET
#undef XDP
