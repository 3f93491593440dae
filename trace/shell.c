/* shell.c: the shell's command `bpf`: what `uio bpf` does, with files of the guest and the symbols of the index that
 * the shell has. Each subcommand becomes requests of trace/request.h, whose rows are printed. */
#include "trace/shell.h"

#include "bpf/disasm.h"
#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "lib/symidx.h"
#include "overlay/cache.h"
#include "overlay/session.h"
#include "overlay/symbols.h"
#include "trace/load.h"
#include "trace/print.h"
#include "trace/request.h"

#define LOOK_NS	  (50 * NSEC_PER_MSEC)
#define PAIRS_MAX 3000
#define PROGS_MAX 64
#define HASH_TEXT (2 * SHA256_SIZE + 1)

/* For one command. */
struct bpf_shell {
	struct ctl_conn conn; /* a stand-in, for requests: it has the shell's port, and its rows are printed */
	struct shell *sh;
	bool quiet; /* rows of a load are not printed */
	uint32_t object;
	uint32_t progs[PROGS_MAX], prog_count;
	uint32_t probes, left_out;
	uint32_t prog; /* for attach_symbol() */
	bool at_return;
	bool no_kernel;
	uint8_t pairs[PAIRS_MAX];
};

static struct bpf_shell *now; /* there is one shell */

static const char *pair(const struct msg_event *m, const char *key)
{
	const char *k, *text;
	struct msg_iter it;

	msg_iter_start(&it, &m->values);
	while (msg_next_pair(&it, &k, &text))
		if (!strcmp(k, key))
			return text;
	return "";
}

static uint64_t number(const struct msg_event *m, const char *key)
{
	uint64_t n;

	return num_parse_u64(pair(m, key), 10, &n) == 0 ? n : 0;
}

static void print_code(struct shell *sh, const struct msg_event *m)
{
	const char *hex = pair(m, "bytes");
	size_t count = strlen(hex) / (2 * sizeof(struct bpf_insn));
	struct bpf_insn *insns = kmalloc(count * sizeof(*insns));
	char text[160];

	if (!insns || hex_parse(hex, insns, count * sizeof(*insns)) < 0)
		count = 0;
	for (uint32_t at = 0, n; at < count && !shell_stopped(sh); at += n) {
		n = bpf_disasm(text, sizeof(text), insns, at, (uint32_t)count, NULL);
		shell_printf(sh, "%4lu: %s\n", number(m, "address") + at, text);
	}
	kfree(insns);
}

static void print_list(struct shell *sh, const struct msg_event *m)
{
	uint64_t runs = number(m, "runs");

	shell_printf(sh, "%4s %6s %-20s %5s insns %10lu runs %8lu ns/run %6s misses  %s%s\n", pair(m, "id"),
		     pair(m, "object"), pair(m, "name"), pair(m, "insns"), runs, runs ? number(m, "run_ns") / runs : 0,
		     pair(m, "misses"), number(m, "pinned") ? "pinned " : "", pair(m, "on"));
}

static void print_pairs(struct shell *sh, const struct msg_event *m)
{
	const char *key, *text;
	struct msg_iter it;

	shell_printf(sh, "%s", m->name);
	msg_iter_start(&it, &m->values);
	while (msg_next_pair(&it, &key, &text))
		shell_printf(sh, " %s=%s", key, text);
	shell_printf(sh, "\n");
}

bool shell_is(const struct ctl_conn *c)
{
	return now && c == &now->conn;
}

void shell_row(const struct msg_event *m)
{
	if (!strcmp(m->name, "object"))
		now->object = (uint32_t)number(m, "id");
	if (!strcmp(m->name, "program") && now->quiet && now->prog_count < PROGS_MAX)
		now->progs[now->prog_count++] = (uint32_t)number(m, "id");
	if (now->quiet || shell_stopped(now->sh))
		return;
	if (!strcmp(m->name, "print") || !strcmp(m->name, "log"))
		shell_printf(now->sh, "%s", pair(m, "text"));
	else if (!strcmp(m->name, "program") && pair(m, "runs")[0])
		print_list(now->sh, m);
	else if (!strcmp(m->name, "code") && number(m, "address") < BPF_MAX_INSNS)
		print_code(now->sh, m);
	else if (strcmp(m->name, "line") && strcmp(m->name, "function"))
		print_pairs(now->sh, m);
}

/* A request with the pairs key, text, ... NULL: 0, or a negative errno that was printed unless `silent`. */
static int ask(struct bpf_shell *s, bool silent, const char *what, ...)
{
	struct query q = {.conn = &s->conn, .id = 1, .m = {.name = what}};
	struct msg_list_builder list;
	const char *key, *text;
	va_list pairs;
	int r;

	msg_list_start(&list, s->pairs, sizeof(s->pairs));
	va_start(pairs, what);
	while ((key = va_arg(pairs, const char *)))
		if ((text = va_arg(pairs, const char *)))
			msg_list_add_pair(&list, key, text);
	va_end(pairs);
	s->conn.out_start = s->conn.out_end = 0;
	r = msg_list_finish(&list, &q.m.values);
	if (r >= 0)
		r = request_do(&q);
	if (r < 0 && !silent)
		shell_printf(s->sh, "bpf %s: %s\n", what, q.error[0] ? q.error : session_strerror(r));
	return MIN(r, 0);
}

/* A file into the cache, for requests that name files by their hash. */
static int keep_file(const char *path, char hex[HASH_TEXT])
{
	int r = shell_keep_file(path);

	if (r == 0)
		sha256_hex(cache_nth(0)->sha256, hex);
	return r;
}

/* "/host/IMAGE.btf" and the like: what uio-cc made beside the image. */
static void beside_image(char *path, size_t size, const char *suffix)
{
	const char *image = boot_option("image");

	fmt_snprintf(path, size, "/host/%s.%s", image ? image : "image", suffix);
}

static int load(struct bpf_shell *s, const char *what, const char *path, const char *verbose)
{
	char hex[HASH_TEXT], types[HASH_TEXT], file[80];
	int r = keep_file(path, hex);

	if (r < 0)
		return shell_fail(s->sh, path, r), r;
	beside_image(file, sizeof(file), "btf");
	r = keep_file(file, types);
	return ask(s, false, what, "sha256", hex, "name", session_base(path), "pin", "1", "verbose", verbose,
		   r == 0 ? "types" : "no_types", r == 0 ? types : "there is no IMAGE.btf at /host", NULL);
}

static int attach_symbol(void *ctx, const struct symidx_symbol *sym)
{
	struct bpf_shell *s = ctx;
	char program[12], address[24];

	/* Patterns are for the application's functions. */
	if (sym->type != SYMIDX_FUNCTION || (s->no_kernel && sym->flags & SYMIDX_KERNEL))
		return 0;
	fmt_snprintf(program, sizeof(program), "%u", s->prog);
	fmt_snprintf(address, sizeof(address), "%lu", sym->address);
	if (ask(s, true, "probe", "program", program, "function", address, "offset", "0", "return",
		s->at_return ? "1" : "0", "name", sym->name, NULL) == 0)
		s->probes++;
	else
		s->left_out++;
	return shell_stopped(s->sh);
}

/* Program s->prog on what the pattern names. */
static int attach_pattern(struct bpf_shell *s, const char *pattern)
{
	const struct symidx *idx = symbols_index();
	uint32_t before = s->probes, seen = s->probes + s->left_out;
	char file[80];
	int r = 0;

	if (!idx) {
		beside_image(file, sizeof(file), "sym");
		r = symbols_open(file);
		if (r < 0)
			return shell_fail(s->sh, file, r), r;
		idx = symbols_index();
	}
	/* The application's function of a name goes before the kernel's. */
	s->no_kernel = true;
	r = symidx_foreach(idx, pattern, attach_symbol, s);
	s->no_kernel = false;
	if (r == 0 && s->probes + s->left_out == seen && !strchr(pattern, '*') && !strchr(pattern, '?'))
		r = symidx_foreach(idx, pattern, attach_symbol, s);
	if (r == 0 && s->probes == before) {
		shell_printf(s->sh, "%s: %s\n", pattern,
			     s->left_out ? "it cannot be probed" : "there is no such function");
		return -ENOENT;
	}
	return MIN(r, 0);
}

static int attach_program(struct bpf_shell *s, uint32_t id, int argc, char **argv)
{
	struct trace_prog *p = load_find_prog(id);
	char on[128];
	int r = 0;

	if (!p) {
		shell_printf(s->sh, "there is no program %u\n", id);
		return -ENOENT;
	}
	s->prog = id;
	s->at_return = p->sec->hook == BPF_HOOK_KRETPROBE;
	fmt_snprintf(on, sizeof(on), "%s", p->sec->attach);
	if (p->prog.type != BPF_PROG_TYPE_KPROBE || (!argc && !on[0])) {
		shell_printf(s->sh,
			     "%s: the shell puts kprobe and kretprobe programs on functions; `uio bpf` does more\n",
			     p->prog.name);
		return -EINVAL;
	}
	for (int i = 0; i < argc && r == 0; i++)
		r = attach_pattern(s, argv[i]);
	return argc ? r : attach_pattern(s, on);
}

static void follow(struct bpf_shell *s, uint32_t object)
{
	struct query q = {.conn = &s->conn, .id = 1};
	uint64_t printed = print_now();

	while (!shell_stopped(s->sh)) {
		while (session_rows(&q, object, &printed) && !shell_stopped(s->sh))
			kernel_relax();
		shell_wait(s->sh, clock_monotonic_ns() + LOOK_NS);
	}
}

static int cmd_attach(struct bpf_shell *s, int argc, char **argv)
{
	struct loaded *l;
	uint64_t id;
	int r;

	if (num_parse_u64(argv[0], 10, &id) == 0) {
		r = attach_program(s, (uint32_t)id, argc - 1, argv + 1);
		if (r == 0)
			shell_printf(s->sh, "%u probes\n", s->probes);
		return r;
	}
	s->quiet = true;
	r = load(s, "load", argv[0], NULL);
	for (uint32_t i = 0; r == 0 && i < s->prog_count; i++)
		r = attach_program(s, s->progs[i], argc - 1, argv + 1);
	s->quiet = false;
	if (r == 0) {
		shell_printf(s->sh, "%u probes; ^C ends\n", s->probes);
		follow(s, s->object);
	}
	if ((l = load_find(s->object)))
		load_drop(l);
	return r;
}

static int cmd_verify(struct bpf_shell *s, int argc, char **argv)
{
	return load(s, "verify", argv[0], argc > 1 ? "1" : NULL);
}

static int cmd_load(struct bpf_shell *s, int argc, char **argv)
{
	return load(s, "load", argv[0], NULL);
}

static int cmd_exec(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "exec", "program", argv[0], "context", argc > 1 ? argv[1] : NULL, NULL);
}

static int cmd_events(struct bpf_shell *s, int argc, char **argv)
{
	follow(s, 0);
	return 0;
}

static int cmd_detach(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "detach", "program", argv[0], NULL);
}

static int cmd_unload(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "unload", "object", argv[0], NULL);
}

static int cmd_pin(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "pin", "object", argv[0], NULL);
}

static int cmd_list(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "list", NULL);
}

static int cmd_dump(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "prog", "program", argv[0], "jited", argc > 1 ? "1" : NULL, NULL);
}

static int cmd_maps(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "maps", NULL);
}

static int cmd_map(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "map-dump", "map", argv[0], NULL);
}

static int cmd_update(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "map-update", "map", argv[0], "key", argv[1], "value", argv[2], NULL);
}

static int cmd_delete(struct bpf_shell *s, int argc, char **argv)
{
	return ask(s, false, "map-delete", "map", argv[0], "key", argv[1], NULL);
}

/* `group`: the word before, as in `map dump`. */
static const struct {
	const char *group, *name, *args, *help;
	uint8_t min, max;
	int (*fn)(struct bpf_shell *s, int argc, char **argv);
} commands[] = {
	{"", "verify", "OBJECT [verbose]", "what the verifier says", 1, 2, cmd_verify},
	{"", "load", "OBJECT", "load it to stay", 1, 1, cmd_load},
	{"", "unload", "OBJECT-ID", "forget it", 1, 1, cmd_unload},
	{"", "exec", "PROGRAM-ID [HEX]", "run a program of section \"syscall\" once", 1, 2, cmd_exec},
	{"", "attach", "OBJECT|PROGRAM-ID [FUNCTION...]", "put kprobes on functions; an object's until ^C", 1, 30,
	 cmd_attach},
	{"", "detach", "PROGRAM-ID", "take it off", 1, 1, cmd_detach},
	{"", "pin", "OBJECT-ID", "keep it when its client goes", 1, 1, cmd_pin},
	{"", "events", "", "what programs of kept objects say, until ^C", 0, 0, cmd_events},
	{"", "list", "", "programs", 0, 0, cmd_list},
	{"prog", "dump", "PROGRAM-ID [jited]", "instructions, or machine code", 1, 2, cmd_dump},
	{"map", "list", "", "maps", 0, 0, cmd_maps},
	{"map", "dump", "MAP-ID", "keys and values", 1, 1, cmd_map},
	{"map", "update", "MAP-ID KEY VALUE", "bytes in memory's order", 3, 3, cmd_update},
	{"map", "delete", "MAP-ID KEY", "remove one", 2, 2, cmd_delete},
};

static void help(struct shell *sh)
{
	char name[16];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		fmt_snprintf(name, sizeof(name), "%s%s%s", commands[i].group, commands[i].group[0] ? " " : "",
			     commands[i].name);
		shell_printf(sh, "bpf %-10s %-32s %s\n", name, commands[i].args, commands[i].help);
	}
}

int shell_bpf(struct shell *sh, int argc, char **argv)
{
	struct bpf_shell *s;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int skip = 2 + (commands[i].group[0] != '\0');

		if (argc < skip || strcmp(argv[skip - 1], commands[i].name) ||
		    (skip == 3 && strcmp(argv[1], commands[i].group)))
			continue;
		if (argc - skip < commands[i].min || argc - skip > commands[i].max)
			break;
		s = kzalloc(sizeof(*s));
		if (!s)
			return -ENOMEM;
		s->sh = sh;
		s->conn.port = sh->port;
		s->conn.generation = sh->generation;
		s->conn.wake = sh->wake;
		list_init(&s->conn.sessions);
		now = s;
		commands[i].fn(s, argc - skip, argv + skip); /* says itself what went wrong */
		now = NULL;
		kfree(s);
		return 0;
	}
	help(sh);
	return 0;
}
