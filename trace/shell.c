/* shell.c: the shell's command `bpf`: what `uio bpf` does, with files of the guest. Each subcommand becomes requests of
 * trace/request.h, whose rows shell_rows.c prints. */
#include "trace/shell.h"

#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "overlay/cache.h"
#include "overlay/session.h"
#include "trace/load.h"
#include "trace/request.h"
#include "trace/shell_impl.h"

static struct bpf_shell *now; /* there is one shell */

bool shell_is(const struct ctl_conn *c)
{
	return now && c == &now->conn;
}

void shell_row(const struct msg_event *m)
{
	if (now->rows && !shell_stopped(now->sh))
		now->rows(now, m);
}

int shell_symbol(const char *name, uint64_t *ret_address)
{
	return shell_find_symbol(now, name, ret_address);
}

static int ask(struct bpf_shell *s, shell_rows rows, bool silent, const char *what, va_list pairs)
{
	struct query q = {.conn = &s->conn, .id = 1, .m = {.name = what}};
	struct msg_list_builder list;
	const char *key, *text;
	int r;

	msg_list_start(&list, s->pairs, sizeof(s->pairs));
	while ((key = va_arg(pairs, const char *)))
		if ((text = va_arg(pairs, const char *)))
			msg_list_add_pair(&list, key, text);
	s->conn.out_start = s->conn.out_end = 0;
	s->rows = rows;
	r = msg_list_finish(&list, &q.m.values);
	if (r >= 0)
		r = request_do(&q);
	s->rows = NULL;
	if (r >= 0 && q.need) {
		fmt_snprintf(q.error, sizeof(q.error), "too little memory for the cache of programs");
		r = -ENOMEM;
	}
	if (r < 0 && !silent)
		shell_printf(s->sh, "bpf %s: %s\n", what, q.error[0] ? q.error : session_strerror(r));
	return MIN(r, 0);
}

int shell_ask(struct bpf_shell *s, shell_rows rows, const char *what, ...)
{
	va_list pairs;
	int r;

	va_start(pairs, what);
	r = ask(s, rows, false, what, pairs);
	va_end(pairs);
	return r;
}

int shell_try(struct bpf_shell *s, shell_rows rows, const char *what, ...)
{
	va_list pairs;
	int r;

	va_start(pairs, what);
	r = ask(s, rows, true, what, pairs);
	va_end(pairs);
	return r;
}

bool shell_is_id(const char *text, uint32_t *ret)
{
	uint64_t id;

	if (num_parse_u64(text, 10, &id) < 0)
		return false;
	*ret = (uint32_t)MIN(id, (uint64_t)UINT32_MAX);
	return true;
}

/* A file into the cache, for requests that name files by their hash. */
static int keep_file(const char *path, char hex[SHELL_HASH_TEXT])
{
	int r = shell_keep_file(path);

	if (r == 0)
		sha256_hex(cache_nth(0)->sha256, hex);
	return r;
}

void shell_beside(char path[SHELL_BESIDE_MAX], const char *suffix)
{
	fmt_snprintf(path, SHELL_BESIDE_MAX, SHELL_BESIDE "%s", boot_option("image"), suffix);
}

int shell_keep_beside(const char *suffix, char path[SHELL_BESIDE_MAX], char hex[SHELL_HASH_TEXT])
{
	shell_beside(path, suffix);
	return keep_file(path, hex);
}

static shell_rows print_loaded;

static void take_loaded(struct bpf_shell *s, const struct msg_event *m)
{
	if (!strcmp(m->name, "object"))
		s->object = (uint32_t)shell_number(m, "id");
	if (!strcmp(m->name, "program") && s->prog_count < SHELL_PROGS_MAX)
		s->progs[s->prog_count++] = (uint32_t)shell_number(m, "id");
	if (print_loaded)
		print_loaded(s, m);
}

int shell_load(struct bpf_shell *s, shell_rows rows, const char *what, const char *path, bool pin)
{
	char hex[SHELL_HASH_TEXT], types[SHELL_HASH_TEXT], file[SHELL_BESIDE_MAX];
	int r = keep_file(path, hex);

	if (r < 0)
		return shell_fail(s->sh, path, r), r;
	print_loaded = rows;
	s->object = s->prog_count = 0;
	r = shell_keep_beside("btf", file, types);
	return shell_ask(s, take_loaded, what, "sha256", hex, "name", session_base(path), "pin", pin ? "1" : NULL,
			 "program", s->program, "verbose", s->verbose ? "1" : NULL, r == 0 ? "types" : "no_types",
			 r == 0 ? types : "there is no IMAGE.btf at /host", NULL);
}

void shell_drop(struct bpf_shell *s)
{
	struct loaded *l = load_find(s->object);

	if (l)
		request_drop(l);
}

static int cmd_verify(struct bpf_shell *s, int argc, char **argv)
{
	return shell_load(s, shell_row_verify, "verify", argv[0], false);
}

static int cmd_load(struct bpf_shell *s, int argc, char **argv)
{
	return shell_load(s, shell_row_load, "load", argv[0], true);
}

static int cmd_exec(struct bpf_shell *s, int argc, char **argv)
{
	const char *context = argc > 1 ? argv[1] : NULL;
	char text[12];
	uint32_t id;
	int r;

	if (shell_is_id(argv[0], &id))
		return shell_ask(s, shell_row_result, "exec", "program", argv[0], "context", context, NULL);
	r = shell_load(s, NULL, "load", argv[0], false);
	if (r < 0)
		return r;
	if (s->prog_count > 1) {
		shell_printf(s->sh, "%s has several programs: say which with --program\n", argv[0]);
	} else {
		fmt_snprintf(text, sizeof(text), "%u", s->progs[0]);
		r = shell_ask(s, shell_row_result, "exec", "program", text, "context", context, NULL);
	}
	shell_drop(s);
	return r;
}

static int cmd_detach(struct bpf_shell *s, int argc, char **argv)
{
	return shell_ask(s, NULL, "detach", "program", argv[0], NULL);
}

static int cmd_unload(struct bpf_shell *s, int argc, char **argv)
{
	return shell_ask(s, NULL, "unload", "object", argv[0], NULL);
}

static int cmd_pin(struct bpf_shell *s, int argc, char **argv)
{
	int r;

	if (argc)
		return shell_ask(s, NULL, "pin", "object", argv[0], NULL);
	shell_printf(s->sh, "%6s %-32s %s\n", "OBJECT", "FILE", "PROGRAMS");
	r = shell_ask(s, shell_row_pinned, "list", NULL);
	if (s->object)
		shell_printf(s->sh, "\n");
	return r;
}

static int cmd_list(struct bpf_shell *s, int argc, char **argv)
{
	shell_printf(s->sh, "%4s %6s %-20s %6s %6s %10s %8s %8s  %-13s %s\n", "ID", "OBJECT", "NAME", "INSNS", "BYTES",
		     "RUNS", "NS/RUN", "MISSES", "BY", "ON");
	return shell_ask(s, shell_row_list, "list", NULL);
}

static int cmd_top(struct bpf_shell *s, int argc, char **argv)
{
	return shell_top(s);
}

static int cmd_dump(struct bpf_shell *s, int argc, char **argv)
{
	uint32_t id;

	if (s->jited)
		return shell_ask(s, shell_row_code, "prog", "program", argv[0], "jited", "1", NULL);
	if (shell_is_id(argv[0], &id))
		return shell_dump(s, id);
	shell_printf(s->sh, "'%s' is no program's number\n", argv[0]);
	return -EINVAL;
}

static int cmd_maps(struct bpf_shell *s, int argc, char **argv)
{
	shell_printf(s->sh, "%4s %6s %-16s %-18s %6s %6s %8s\n", "ID", "OBJECT", "NAME", "TYPE", "KEY", "VALUE", "MAX");
	return shell_ask(s, shell_row_map, "maps", NULL);
}

static int cmd_map(struct bpf_shell *s, int argc, char **argv)
{
	int r = shell_ask(s, shell_row_entry, "map-dump", "map", argv[0], NULL);

	if (s->entries)
		shell_printf(s->sh, "\n");
	return r;
}

static int cmd_update(struct bpf_shell *s, int argc, char **argv)
{
	return shell_ask(s, NULL, "map-update", "map", argv[0], "key", argv[1], "value", argv[2], NULL);
}

static int cmd_delete(struct bpf_shell *s, int argc, char **argv)
{
	return shell_ask(s, NULL, "map-delete", "map", argv[0], "key", argv[1], NULL);
}

/* `group`: the word before, as in `map dump`. */
static const struct subcommand {
	const char *group, *name, *args, *help;
	uint8_t min, max;
	int (*fn)(struct bpf_shell *s, int argc, char **argv);
} commands[] = {
	{"", "verify", "OBJECT [--verbose]", "what the verifier says of each program", 1, 1, cmd_verify},
	{"", "load", "OBJECT", "load it to stay", 1, 1, cmd_load},
	{"", "unload", "OBJECT-ID", "forget it", 1, 1, cmd_unload},
	{"", "exec", "OBJECT|PROGRAM-ID [HEX]", "run a program of section \"syscall\" once", 1, 2, cmd_exec},
	{"", "attach", "OBJECT|PROGRAM-ID [FUNCTION...]", "put programs where their sections say, or on functions; an "
	 "object's until ^C or --for TIME, or with --pin to stay; --rate HZ", 1, SHELL_ARGS_MAX, shell_attach},
	{"", "detach", "PROGRAM-ID", "take it off everything", 1, 1, cmd_detach},
	{"", "pin", "[OBJECT-ID]", "keep it when its client goes; alone: what is kept", 0, 1, cmd_pin},
	{"", "events", "[OBJECT-ID]", "what programs of kept objects say, until ^C or --for TIME", 0, 1, shell_events},
	{"", "list", "", "programs", 0, 0, cmd_list},
	{"", "top", "[--no-stream]", "the same each second, by the time they take", 0, 0, cmd_top},
	{"prog", "dump", "PROGRAM-ID [--jited]", "instructions, or machine code", 1, 1, cmd_dump},
	{"map", "list", "", "maps", 0, 0, cmd_maps},
	{"map", "dump", "MAP-ID [--raw]", "keys and values", 1, 1, cmd_map},
	{"map", "update", "MAP-ID KEY VALUE", "bytes in memory's order", 3, 3, cmd_update},
	{"map", "delete", "MAP-ID KEY", "remove one", 2, 2, cmd_delete},
};

static void help_one(struct shell *sh, const struct subcommand *c)
{
	char name[16];

	fmt_snprintf(name, sizeof(name), "%s%s%s", c->group, c->group[0] ? " " : "", c->name);
	shell_printf(sh, "bpf %-10s %-32s %s\n", name, c->args, c->help);
}

/* Takes the options out of the words; returns how many words are left, or -EINVAL with text. */
static int take_options(struct bpf_shell *s, int argc, char **argv)
{
	const struct {
		const char *name;
		bool *flag;
		const char **text;
	} options[] = {
		{"--program", NULL, &s->program}, {"--for", NULL, &s->time},	   {"--rate", NULL, &s->rate},
		{"--pin", &s->pin, NULL},	  {"--verbose", &s->verbose, NULL}, {"--jited", &s->jited, NULL},
		{"--raw", &s->raw, NULL},	  {"--no-stream", &s->once, NULL},
	};
	int n = 0;

	for (int i = 0; i < argc; i++) {
		size_t k = 0;

		if (strncmp(argv[i], "--", 2)) {
			argv[n++] = argv[i];
			continue;
		}
		while (k < ARRAY_SIZE(options) && strcmp(argv[i], options[k].name))
			k++;
		if (k == ARRAY_SIZE(options) || (options[k].text && i + 1 == argc)) {
			shell_printf(s->sh, k < ARRAY_SIZE(options) ? "bpf: %s needs a value\n"
								    : "bpf: there is no option %s; `bpf` alone lists all\n",
				     argv[i]);
			return -EINVAL;
		}
		if (options[k].text)
			*options[k].text = argv[++i];
		else
			*options[k].flag = true;
	}
	return n;
}

static const struct subcommand *find(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct subcommand *c = &commands[i];

		if (c->group[0] ? argc > 1 && !strcmp(argv[0], c->group) && !strcmp(argv[1], c->name)
				: !strcmp(argv[0], c->name))
			return c;
	}
	return NULL;
}

static void run(struct bpf_shell *s, int argc, char **argv)
{
	const struct subcommand *c;
	int skip;

	argc = take_options(s, argc, argv);
	if (argc < 0)
		return;
	c = argc ? find(argc, argv) : NULL;
	if (!c) {
		if (argc)
			shell_printf(s->sh, "bpf %s: there is no such command; there are:\n", argv[0]);
		for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
			help_one(s->sh, &commands[i]);
		return;
	}
	skip = c->group[0] ? 2 : 1;
	if (argc - skip < c->min || argc - skip > c->max)
		help_one(s->sh, c);
	else
		c->fn(s, argc - skip, argv + skip); /* says itself what went wrong */
}

int shell_bpf(struct shell *sh, int argc, char **argv)
{
	struct bpf_shell *s = kzalloc(sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->sh = sh;
	s->conn.port = sh->port;
	s->conn.generation = sh->generation;
	s->conn.wake = sh->wake;
	list_init(&s->conn.sessions);
	now = s;
	run(s, argc - 1, argv + 1);
	now = NULL;
	shell_free_symbols(s);
	kfree(s);
	return 0;
}
