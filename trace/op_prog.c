/* op_prog.c: requests about programs: put on functions, taken off, run once, listed, dumped. */
#include "bpf/ctx.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "overlay/session.h"
#include "trace/area.h"
#include "trace/load.h"
#include "trace/probe.h"
#include "trace/request.h"
#include "trace/sample.h"
#include "trace/stack.h"
#include "trace/xdp.h"

#define CONTEXT_MAX 4096
#define DUMP_PIECE  1024

int query_program(struct query *q, struct trace_prog **ret)
{
	uint64_t id;
	int r = query_number(q, "program", &id);

	if (r < 0)
		return r;
	*ret = load_find_prog((uint32_t)id);
	if (*ret)
		return 0;
	fmt_snprintf(q->error, sizeof(q->error), "there is no program %lu", id);
	return -ENOENT;
}

/* "program", "function" (address), "offset", "return" (0 or 1), "name"; "syscall": the number of the call that the
 * function is, for tracepoint programs. */
int op_probe(struct query *q)
{
	const char *name = query_text(q, "name");
	uint64_t function, offset, at_return, syscall = 0;
	struct trace_prog *p;
	bool record;
	int r = query_program(q, &p);

	if (r == 0)
		r = query_number(q, "function", &function);
	if (r == 0)
		r = query_number(q, "offset", &offset);
	if (r == 0)
		r = query_number(q, "return", &at_return);
	if (r < 0)
		return r;
	name = name ? name : "?";
	record = p->prog.type == BPF_PROG_TYPE_TRACEPOINT;
	if ((p->prog.type != BPF_PROG_TYPE_KPROBE && !record) || !p->prog.jited) {
		fmt_snprintf(q->error, sizeof(q->error),
			     "%s: only kprobe, kretprobe and tracepoint programs go on functions", p->prog.name);
		return -EINVAL;
	}
	r = record ? query_number(q, "syscall", &syscall) : 0;
	if (r < 0)
		return r;
	if (offset > UINT32_MAX || syscall > INT32_MAX || (record && offset))
		r = -EINVAL;
	else
		r = probe_attach(p, function, (uint32_t)offset, at_return != 0, record ? (int)syscall : PROBE_REGISTERS,
				 name);
	if (r == 0)
		return 1;
	fmt_snprintf(q->error, sizeof(q->error), "%s+0x%lx: %s", name, offset,
		     r == -EINVAL	? "no instruction of the image's code that can be moved"
		     : r == -EPERM	? "the kernel cannot stop there"
		     : r == -EOPNOTSUPP ? "its return cannot be probed: it is no whole function, or one like setjmp()"
		     : r == -EEXIST	? "the program is on it already"
		     : r == -EACCES	? "the program reads more than the tracepoint's record has"
					: session_strerror(r));
	return r;
}

int op_detach(struct query *q)
{
	struct trace_prog *p;
	int r = query_program(q, &p);

	if (r < 0)
		return r;
	trace_detach(p);
	return 1;
}

/* "program", "context" (hexadecimal digits). */
int op_exec(struct query *q)
{
	const char *text = query_text(q, "context");
	size_t given = text ? strlen(text) / 2 : 0, need;
	struct trace_prog *p;
	struct row row;
	uint8_t *context;
	uint64_t r0, cycles;
	int r = query_program(q, &p);

	if (r < 0)
		return r;
	need = p->verified.context_size;
	if (p->prog.type != BPF_PROG_TYPE_SYSCALL || !p->prog.jited) {
		fmt_snprintf(q->error, sizeof(q->error), "%s: only programs of section \"syscall\" are run by hand",
			     p->prog.name);
		return -EINVAL;
	}
	if (given > CONTEXT_MAX || need > CONTEXT_MAX || given < need) {
		fmt_snprintf(q->error, sizeof(q->error),
			     "%s: reads %lu bytes of arguments, and %lu were given (at most %u)", p->prog.name, need,
			     given, CONTEXT_MAX);
		return -EINVAL;
	}
	context = kzalloc(given + 16);
	if (!context)
		return -ENOMEM;
	r = text ? hex_parse(text, context, given) : 0;
	if (r < 0) {
		kfree(context);
		fmt_snprintf(q->error, sizeof(q->error), "the arguments are no hexadecimal digits");
		return r;
	}
	cycles = p->cycles;
	r0 = trace_run(p, context, 0);
	cycles = p->cycles - cycles;
	if (row_start(&row, q->conn, q->id, "result")) {
		row_number(&row, "r0", r0);
		row_number(&row, "cycles", cycles);
		row_hex(&row, "context", context, MIN(given, 1024));
		row_send(&row);
	}
	kfree(context);
	return 1;
}

static void list_one(const struct query *q, const struct trace_prog *p)
{
	const struct xdp_counts *packets = xdp_counts_of(p);
	char on[700], ways[PROBE_WAYS_MAX];
	struct row r;

	if (!row_start(&r, q->conn, q->id, "program"))
		return;
	row_number(&r, "id", p->id);
	row_number(&r, "object", p->owner->id);
	row_text(&r, "file", p->owner->name);
	row_number(&r, "pinned", p->owner->pinned);
	row_text(&r, "name", p->prog.name);
	row_number(&r, "type", p->prog.type);
	row_number(&r, "hook", p->sec->hook);
	row_text(&r, "attach", p->sec->attach);
	row_number(&r, "stacks", stack_is_wanted(&p->prog));
	row_number(&r, "insns", p->prog.insn_count);
	row_number(&r, "jited_bytes", p->code_size);
	row_number(&r, "runs", p->runs);
	row_number(&r, "run_ns", trace_prog_ns(p));
	row_number(&r, "misses", p->misses);
	if (sample_rate(p))
		row_number(&r, "idle_samples", sample_idle(p));
	if (sample_rate(p))
		fmt_snprintf(on, sizeof(on), "%u Hz", sample_rate(p));
	else
		probe_list(p, on, sizeof(on));
	row_text(&r, "on", packets ? XDP_DEVICE : on);
	row_text(&r, "ways", probe_ways(p, ways));
	if (packets) {
		row_number(&r, "aborted", packets->aborted);
		row_number(&r, "drop", packets->drop);
		row_number(&r, "pass", packets->pass);
		row_number(&r, "tx", packets->tx);
		row_number(&r, "lost", packets->lost);
	}
	row_send(&r);
}

/* The program with the smallest number above `after`: sending blocks, and the list changes meanwhile. */
static struct trace_prog *next_prog(uint32_t after)
{
	struct trace_prog *best = NULL;
	struct loaded *l;

	list_for_each (l, &loaded_all, node)
		for (uint32_t i = 0; i < l->prog_count; i++)
			if (l->progs[i].id > after && !l->progs[i].refused &&
			    (!best || l->progs[i].id < best->id))
				best = &l->progs[i];
	return best;
}

int op_list(struct query *q)
{
	struct trace_prog *p;
	struct row r;
	uint32_t id = 0;

	while (!ctl_gone(q->conn) && (p = next_prog(id))) {
		id = p->id;
		list_one(q, p);
	}
	if (row_start(&r, q->conn, q->id, "memory")) {
		row_number(&r, "pages_bytes", area_bytes);
		row_number(&r, "used_bytes", area_mem.used);
		row_number(&r, "limit_bytes", area_mem.budget);
		row_send(&r);
	}
	return 1;
}

/* What the instructions mean to people: maps, functions, source lines. Each row may wait for room. */
static void tell_names(const struct query *q, uint32_t id)
{
	struct trace_prog *p;
	struct row row;

	for (uint32_t i = 0; (p = load_find_prog(id)) && i < p->prog.map_count && !ctl_gone(q->conn); i++) {
		uint32_t map = load_map_id(p->owner, p->prog.maps[i]);

		if (!row_start(&row, q->conn, q->id, "map"))
			return;
		row_number(&row, "number", i);
		row_number(&row, "id", map);
		row_text(&row, "name", map ? p->owner->object->maps[map - p->owner->first_map].name : "?");
		row_send(&row);
	}
	for (uint32_t i = 0; (p = load_find_prog(id)) && i < p->prog.subprog_count && !ctl_gone(q->conn); i++) {
		if (!row_start(&row, q->conn, q->id, "function"))
			return;
		row_number(&row, "insn", p->prog.subprogs[i].start);
		row_text(&row, "name", p->prog.subprogs[i].name ? p->prog.subprogs[i].name : i ? "?" : p->prog.name);
		row_send(&row);
	}
	for (uint32_t i = 0; (p = load_find_prog(id)) && i < p->prog.line_count && !ctl_gone(q->conn); i++) {
		const struct bpf_line *line = &p->prog.lines[i];

		if (!row_start(&row, q->conn, q->id, "line"))
			return;
		row_number(&row, "insn", line->insn);
		row_text(&row, "file", line->file ? line->file : "");
		row_number(&row, "line", line->line);
		row_text(&row, "text", line->text ? line->text : "");
		row_send(&row);
	}
}

/* "program", "jited" (present: machine code). */
int op_prog(struct query *q)
{
	bool jited = query_text(q, "jited");
	struct trace_prog *p;
	uint32_t id;
	int r = query_program(q, &p);

	if (r < 0)
		return r;
	id = p->id;
	if (!jited)
		tell_names(q, id);
	for (size_t at = 0; (p = load_find_prog(id)) && !ctl_gone(q->conn); at += DUMP_PIECE) {
		const uint8_t *bytes = jited ? p->code : (const uint8_t *)p->prog.insns;
		size_t size = jited ? p->code_size : p->prog.insn_count * sizeof(struct bpf_insn);
		struct row row;

		if (at >= size || !row_start(&row, q->conn, q->id, "code"))
			break;
		row_number(&row, "address", jited ? (uint64_t)p->code + at : at / sizeof(struct bpf_insn));
		row_hex(&row, "bytes", bytes + at, MIN(size - at, DUMP_PIECE));
		row_send(&row);
	}
	return 1;
}
