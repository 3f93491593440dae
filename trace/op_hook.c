/* op_hook.c: requests about hooks that are no functions: sampling, switches of threads, the network device, and the table for stacks. */
#include "lib/fmt.h"
#include "overlay/cache.h"
#include "overlay/session.h"
#include "trace/load.h"
#include "trace/request.h"
#include "trace/sample.h"
#include "trace/switch.h"
#include "trace/unwind.h"
#include "trace/xdp.h"

/* "program", "hz". */
int op_sample(struct query *q)
{
	struct trace_prog *p;
	uint64_t hz;
	int r = query_program(q, &p);

	if (r == 0)
		r = query_number(q, "hz", &hz);
	if (r < 0)
		return r;
	if (p->prog.type != BPF_PROG_TYPE_PERF_EVENT || !p->prog.jited) {
		fmt_snprintf(q->error, sizeof(q->error), "%s: only perf_event programs are run by the clock",
			     p->prog.name);
		return -EINVAL;
	}
	r = hz > SAMPLE_HZ_MAX ? -EINVAL : sample_attach(p, (unsigned)hz);
	if (r == 0)
		return 1;
	if (r == -EINVAL)
		fmt_snprintf(q->error, sizeof(q->error), "a rate of %lu Hz; it can be 1 to %u", hz, SAMPLE_HZ_MAX);
	else
		fmt_snprintf(q->error, sizeof(q->error), "%s: %s", p->prog.name,
			     r == -EEXIST ? "it is sampled already" : session_strerror(r));
	return r;
}

/* "program". */
int op_switch(struct query *q)
{
	struct trace_prog *p;
	int r = query_program(q, &p);

	if (r < 0)
		return r;
	if (p->prog.type != BPF_PROG_TYPE_RAW_TRACEPOINT || !p->prog.jited) {
		fmt_snprintf(q->error, sizeof(q->error), "%s: only raw_tp programs go on sched_switch", p->prog.name);
		return -EINVAL;
	}
	r = switch_attach(p);
	if (r == 0)
		return 1;
	fmt_snprintf(q->error, sizeof(q->error), "sched_switch: %s",
		     r == -EEXIST   ? "the program is on it already"
		     : r == -EACCES ? "the program reads more than its four arguments"
				    : session_strerror(r));
	return r;
}

/* "program": onto the network device. */
int op_xdp(struct query *q)
{
	struct trace_prog *p;
	int r = query_program(q, &p);

	if (r < 0)
		return r;
	if (p->prog.type != BPF_PROG_TYPE_XDP || !p->prog.jited) {
		fmt_snprintf(q->error, sizeof(q->error), "%s: only xdp programs go on the network device", p->prog.name);
		return -EINVAL;
	}
	r = xdp_attach(p);
	if (r == 0)
		return 1;
	fmt_snprintf(q->error, sizeof(q->error), "%s: %s", p->prog.name,
		     r == -EBUSY    ? "there is a program on " XDP_DEVICE " already"
		     : r == -ENODEV ? "there is no network device, or the application has not used it yet"
				    : session_strerror(r));
	return r;
}

/* "sha256": of a table made by the host, as in lib/unwind_table.h. */
int op_stacks(struct query *q)
{
	const char *text = query_text(q, "sha256");
	uint8_t sha256[SHA256_SIZE];
	struct vnode *v;
	int r;

	if (!text || hex_parse(text, sha256, sizeof(sha256)) < 0)
		return -EBADMSG;
	if (unwind_has(sha256))
		return 1;
	v = cache_find(sha256);
	if (!v) {
		ctl_need(q->conn, q->id, sha256);
		return 0;
	}
	r = unwind_load(v, sha256);
	vnode_put(v);
	if (r < 0)
		fmt_snprintf(q->error, sizeof(q->error), "the table for stacks: %s",
			     r == -EBADMSG ? "it is none" : session_strerror(r));
	return r < 0 ? r : 1;
}
