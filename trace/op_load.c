/* op_load.c: requests about objects: verify, load, unload, pin. The object's bytes come through the program cache. */
#include "trace/request.h"

#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "overlay/accept.h"
#include "overlay/cache.h"
#include "overlay/session.h"
#include "trace/load.h"
#include "trace/shell.h"
#include "trace/stack.h"

#define LOG_PIECE 4000 /* bytes of the verifier's log in one row */

/* image/uio.lds */
extern const char __image_start[], __image_end[];

/* The file whose hash KEY gives: 0; 1: NEED was answered; negative errno. */
static int find_file(struct query *q, const char *key, struct vnode **ret)
{
	const char *text = query_text(q, key);
	uint8_t sha256[SHA256_SIZE];

	if (!text || hex_parse(text, sha256, sizeof(sha256)) < 0)
		return -EBADMSG;
	*ret = cache_find(sha256);
	if (*ret)
		return 0;
	ctl_need(q->conn, q->id, sha256);
	q->need = true;
	return 1;
}

static void tell_program(const struct query *q, const struct trace_prog *p)
{
	struct row r;

	if (!row_start(&r, q->conn, q->id, "program"))
		return;
	row_number(&r, "id", p->id);
	row_text(&r, "name", p->prog.name);
	row_number(&r, "type", p->prog.type);
	row_number(&r, "hook", p->sec->hook);
	row_text(&r, "attach", p->sec->attach);
	row_number(&r, "stacks", stack_is_wanted(&p->prog));
	row_number(&r, "insns", p->prog.insn_count);
	row_number(&r, "steps", p->verified.steps);
	row_number(&r, "states", p->verified.states);
	row_number(&r, "stack_bytes", p->verified.stack_depth);
	row_number(&r, "context_bytes", p->verified.context_size);
	row_number(&r, "jited_bytes", p->code_size);
	row_send(&r);
}

static bool in_image(uint64_t address)
{
	return address >= (uint64_t)__image_start && address < (uint64_t)__image_end;
}

/* "symbol NAME": an address in the image, as the host found it there. */
static int find_symbol(void *arg, const char *name, uint64_t *ret_address)
{
	const struct query *q = arg;
	const char *key, *text;

	if (shell_is(q->conn))
		return shell_symbol(name, ret_address) == 0 && in_image(*ret_address) ? 0 : -ENOENT;
	for (unsigned n = 0; query_pair(q, n, &key, &text); n++)
		if (!strncmp(key, "symbol ", 7) && !strcmp(key + 7, name))
			return num_parse_u64(text, 0, ret_address) == 0 && in_image(*ret_address) ? 0 : -ENOENT;
	return -ENOENT;
}

/* An object that needs the image's types: with them, or why there are none. */
static int load_with_types(struct query *q, struct vnode *v, struct load_how *how, struct loaded **ret, char who[64],
			   struct bpf_refusal *why)
{
	const char *reason = query_text(q, "no_types");
	int r;

	if (!query_text(q, "types")) {
		fmt_snprintf(why->text, sizeof(why->text), "its CO-RE relocations need the types of the image: %s",
			     reason ? reason : "there are none");
		return -ENODATA;
	}
	r = find_file(q, "types", &how->types);
	if (r)
		return r;
	r = load_object(v, how, ret, who, why);
	vnode_put(how->types);
	return r;
}

/* The verifier's log, a row for each piece of text that fills a buffer. */
struct log {
	const struct query *q;
	size_t n;
	char text[LOG_PIECE + 1];
};

static void send_log(struct log *log)
{
	struct row r;

	log->text[log->n] = '\0';
	if (log->n && !ctl_gone(log->q->conn) && row_start(&r, log->q->conn, log->q->id, "log")) {
		row_text(&r, "text", log->text);
		row_send(&r);
	}
	log->n = 0;
}

static void take_log(void *arg, const char *text, size_t n)
{
	struct log *log = arg;

	for (size_t i = 0; i < n; i++) {
		log->text[log->n++] = text[i];
		if (log->n == LOG_PIECE)
			send_log(log);
	}
}

static void tell_refused(void *arg, const char *program, const struct bpf_refusal *why)
{
	const struct query *q = arg;
	struct row r;

	if (ctl_gone(q->conn) || !row_start(&r, q->conn, q->id, "refused"))
		return;
	row_text(&r, "name", program);
	row_text(&r, "text", why->text);
	row_send(&r);
}

/* The same for verify and load: 0 with *ret_id; 1: answered; negative errno. */
static int load(struct query *q, bool compile, uint32_t *ret_id)
{
	struct load_how how = {
		.name = query_text(q, "name"),
		.only = query_text(q, "program"),
		.compile = compile,
		.refused = compile ? NULL : tell_refused,
		.symbol = find_symbol,
		.arg = q,
	};
	struct bpf_refusal why;
	struct log *log = NULL;
	struct loaded *l;
	struct vnode *v;
	struct row row;
	char who[64];
	int r = find_file(q, "sha256", &v);

	if (r)
		return r;
	how.name = how.name ? how.name : "object";
	if (accept_hash) {
		r = accept_hash(how.name, cache_hash(v), q->error, sizeof(q->error));
		if (r < 0) {
			vnode_put(v);
			return r;
		}
	}
	if (query_text(q, "verbose") && (log = kzalloc(sizeof(*log)))) {
		log->q = q;
		how.log = take_log;
		how.log_arg = log;
	}
	r = load_object(v, &how, &l, who, &why);
	if (r == -ENODATA && !why.text[0])
		r = load_with_types(q, v, &how, &l, who, &why);
	vnode_put(v);
	if (log)
		send_log(log);
	kfree(log);
	if (r > 0)
		return r;
	if (r < 0) {
		fmt_snprintf(q->error, sizeof(q->error), "%s%s%s: %s", how.name, who[0] ? ": " : "", who,
			     why.text[0] ? why.text : session_strerror(r));
		return r;
	}
	*ret_id = l->id;
	if (row_start(&row, q->conn, q->id, "object")) {
		row_number(&row, "id", l->id);
		row_text(&row, "name", l->name);
		row_number(&row, "first_map", l->first_map);
		row_number(&row, "maps", l->object->map_count);
		row_send(&row);
	}
	/* Sending may block, and others may unload it meanwhile. */
	for (uint32_t i = 0; (l = load_find(*ret_id)) && i < l->prog_count; i++)
		if (!l->progs[i].refused && (!how.only || !strcmp(l->progs[i].prog.name, how.only)))
			tell_program(q, &l->progs[i]);
	return 0;
}

/* Of several programs each one is looked at; then the answer is an ERROR if any was refused. */
int op_verify(struct query *q)
{
	uint32_t id, refused = 0;
	struct loaded *l;
	int r = load(q, false, &id);

	if (r)
		return r < 0 ? r : 0;
	l = load_find(id);
	if (!l)
		return 1;
	for (uint32_t i = 0; i < l->prog_count; i++)
		refused += l->progs[i].refused;
	if (refused)
		fmt_snprintf(q->error, sizeof(q->error), "%s: %u of %u programs are refused", l->name, refused,
			     l->prog_count);
	load_drop(l);
	return refused ? -EACCES : 1;
}

int op_load(struct query *q)
{
	struct loaded *l;
	uint32_t id;
	int r = load(q, true, &id);

	if (r)
		return r < 0 ? r : 0;
	l = load_find(id);
	if (!l)
		return -ENOENT;
	if (query_text(q, "pin")) {
		l->pinned = true;
		return 1;
	}
	if (shell_is(q->conn)) { /* which is told of events by session_rows(), and drops it itself */
		l->kept = true;
		return 1;
	}
	r = session_keep(q, l);
	if (r < 0)
		load_drop(l);
	return r;
}

static int find_loaded(struct query *q, struct loaded **ret)
{
	uint64_t id;
	int r = query_number(q, "object", &id);

	if (r < 0)
		return r;
	*ret = load_find((uint32_t)id);
	if (*ret)
		return 0;
	fmt_snprintf(q->error, sizeof(q->error), "there is no object %lu", id);
	return -ENOENT;
}

int op_unload(struct query *q)
{
	struct loaded *l;
	int r = find_loaded(q, &l);

	if (r < 0)
		return r;
	load_drop(l);
	return 1;
}

int op_pin(struct query *q)
{
	struct loaded *l;
	int r = find_loaded(q, &l);

	if (r < 0)
		return r;
	l->pinned = true;
	return 1;
}
