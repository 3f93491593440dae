/* cmd_run.c: commands that run and keep programs. A program in the foreground has a terminal over the shell's port; the
 * shell's thread carries what is typed and waits for its end. */
#include "fs/tty.h"
#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "linux/signal.h"
#include "overlay/cache.h"
#include "overlay/part.h"
#include "overlay/session.h"
#include "overlay/shell.h"
#include "overlay/symbols.h"
#include "proto/grants.h"

COMMAND_FILE(run);

#define CALLS_SIZE 512
#define LOAD_PIECE 16384
#define GOODBYE_NS (500 * NSEC_PER_MSEC)

struct job {
	struct shell *sh;
	struct tty *tty;
	struct program *program;	/* NULL: ended */
	bool ended;
	bool more;			/* the terminal has output that the port did not take */
	char text[200];			/* how it ended, or why it did not start */
	char *report;
};

static struct job *job;		/* the one in the foreground: there is one shell */

static size_t output(void *ctx, const char *bytes, size_t n)
{
	struct job *j = ctx;
	size_t took = vport_write(j->sh->port, bytes, n);

	j->more = took < n;
	return took;
}

static const struct tty_ops tty_ops = { .output = output };

static bool typed(struct shell *sh, const char *bytes, size_t n)
{
	return tty_input(job->tty, bytes, n) == n;
}

static void ended(void *ctx, int wait_status, enum exit_reason reason, const char *report)
{
	struct job *j = ctx;

	session_ended(j->program, wait_status, reason, report);
	session_outcome(wait_status, reason, j->text, sizeof(j->text));
	if (!wait_status && reason == EXIT_NORMAL)
		j->text[0] = '\0';
	j->report = *report ? kstrdup(report) : NULL;
	j->program = NULL;
	j->ended = true;
	waitq_wake_all(j->sh->wake);
}

/* Until the program has ended. A client that goes away takes it along. */
static void wait_for(struct job *j)
{
	uint64_t kill_at_ns = TIME_NEVER;

	while (!j->ended) {
		if (shell_stopped(j->sh) && kill_at_ns == TIME_NEVER) {
			kill_at_ns = clock_monotonic_ns() + GOODBYE_NS;
			tty_hangup(j->tty);
		}
		if (clock_monotonic_ns() >= kill_at_ns && j->program) {
			program_kill(j->program, EXIT_CLOSED);
			kill_at_ns = TIME_NEVER - 1;
		}
		if (j->more && vport_writable(j->sh->port))
			tty_output_ready(j->tty);
		if (kill_at_ns != TIME_NEVER)
			waitq_wait(j->sh->wake, WAIT_EVENT, "program", kill_at_ns, false);
		else
			shell_wait(j->sh, TIME_NEVER);
	}
}

static int start(struct job *j, struct program_spec *spec)
{
	unsigned rows, cols;
	int r = tty_create(&tty_ops, j, NULL, &j->tty);

	if (r < 0)
		return r;
	if (vport_size(j->sh->port, &rows, &cols))
		tty_set_winsize(j->tty, rows, cols);
	r = tty_open(j->tty, O_RDWR, &spec->stdio[0]);
	if (r < 0)
		return r;
	spec->stdio[1] = spec->stdio[2] = spec->stdio[0];
	spec->tty = j->tty;
	spec->ended = ended;
	spec->ctx = j;
	r = session_start(spec, j->text, sizeof(j->text), &j->program);
	file_put(spec->stdio[0]);
	return r;
}

static int run(struct shell *sh, struct program_spec *spec)
{
	struct job *j = kzalloc(sizeof(*j));
	int r;

	if (!j)
		return -ENOMEM;
	j->sh = sh;
	r = start(j, spec);
	if (r >= 0) {
		job = j;
		sh->typed = typed;
		wait_for(j);
		sh->typed = NULL;
		job = NULL;
	}
	if (j->tty) {
		tty_detach(j->tty);
		tty_put(j->tty);
	}
	if (j->report)
		shell_printf(sh, "%s", j->report);
	if (j->text[0])
		shell_printf(sh, "%s%s%s\n", r < 0 ? "" : spec->name, r < 0 ? "" : ": ", j->text);
	else if (r < 0)
		shell_fail(sh, spec->name, r);
	if (r < 0 && !symbols_index() && !strncmp(j->text, "symbol ", 7))
		shell_printf(sh, "no index is open: `symbols FILE` makes the application's symbols known\n");
	kfree(j->report);
	kfree(j);
	return 0;
}

/* --option VALUE or --option=VALUE. */
static int option(struct program_spec *spec, struct msg_list_builder *calls, const char *name, size_t len,
		  const char *value)
{
	static const char *const options[] = { "--profile", "--grant", "--cpu", "--memory", "--timeout" };
	const char *bad;
	unsigned n;

	for (n = 0; n < ARRAY_SIZE(options); n++)
		if (strlen(options[n]) == len && !strncmp(options[n], name, len))
			break;
	switch (n) {
	case 0: return grants_profile(value, &spec->grants);
	case 1: return grants_parse(value, &spec->grants, calls, &bad);
	case 2:
		if (num_parse_percent(value, &spec->cpu_permille) < 0 || !spec->cpu_permille)
			return -EINVAL;
		spec->cpu_permille *= 10;
		return 0;
	case 3: return num_parse_size(value, &spec->memory_bytes);
	case 4: return num_parse_duration(value, &spec->timeout_ns);
	default: return -EINVAL;
	}
}

/* The functions after call=, out of the builder's buffer, as a vector in place behind them. */
static char **call_vector(const struct msg_list_builder *b)
{
	struct msg_list list;
	struct msg_iter it;
	const char *name;
	char **v;
	unsigned n = 0;

	if (msg_list_finish(b, &list) < 0 || !list.count || !(v = kmalloc((list.count + 1u) * sizeof(*v))))
		return NULL;
	msg_iter_start(&it, &list);
	while (msg_next_string(&it, &name))
		v[n++] = (char *) name;
	v[n] = NULL;
	return v;
}

static int run_file(struct shell *sh, struct program_spec *spec)
{
	static const char *const env[] = { "PATH=" SESSION_PATH, "HOME=/", "TERM=vt100", NULL };
	struct binding *bindings = NULL;
	struct vnode *image;
	char *path = NULL;
	int r = session_find_program(spec->argv[0], "", &image, &path);

	if (r < 0)
		return shell_fail(sh, spec->argv[0], r);
	r = symbols_bind(image, &bindings, &spec->binding_count);
	if (r >= 0) {
		spec->bindings = bindings;
		spec->name = session_base(spec->argv[0]);
		spec->image = image;
		spec->path = path;
		spec->env = (char *const *) env;
		r = run(sh, spec);
		symbols_release(bindings, spec->binding_count);
	}
	vnode_put(image);
	kfree(path);
	return r;
}

COMMAND(run, "[--OPTION VALUE]... FILE [ARG...]",
	"run a program; options: --profile, --grant, --cpu, --memory, --timeout", 1, SHELL_ARGS_MAX)
{
	struct program_spec spec = { .grants = GRANTS_DEFAULT };
	struct msg_list_builder calls;
	char *buf = kmalloc(CALLS_SIZE), **names;
	int i = 1, r = 0;

	if (!buf)
		return -ENOMEM;
	msg_list_start(&calls, buf, CALLS_SIZE);
	for (; i < argc && !strncmp(argv[i], "--", 2) && r >= 0; i++) {
		const char *name = argv[i], *value = strchr(name, '=');
		size_t len = value ? (size_t) (value - name) : strlen(name);

		if (!name[2]) {
			i++;
			break;
		}
		value = value ? value + 1 : i + 1 < argc ? argv[++i] : "";
		r = option(&spec, &calls, name, len, value);
		if (r < 0)
			shell_printf(sh, "run: %.*s %s: not understood; see `help run`\n", (int) len, name, value);
	}
	names = call_vector(&calls);
	if (r >= 0 && i == argc)
		shell_printf(sh, "run: which program?\n");
	else if (r >= 0) {
		spec.argv = argv + i;
		spec.calls = names;
		r = run_file(sh, &spec);
	} else {
		r = 0;
	}
	kfree(names);
	kfree(buf);
	return r;
}

/* Copies the file into the cache; its hash is made on the way. */
static int load(struct file *from, const char *name)
{
	uint8_t digest[SHA256_SIZE], *buf;
	struct sha256 *sha;
	struct file *to = NULL;
	struct vattr a;
	kssize_t n = 0;
	uint64_t size = 0;
	int r = vfs_getattr(from->vnode, &a);

	if (r < 0)
		return r;
	if (!S_ISREG(a.mode))
		return -EACCES;
	sha = kmalloc(sizeof(*sha) + LOAD_PIECE);
	if (!sha)
		return -ENOMEM;
	buf = (uint8_t *) (sha + 1);
	sha256_init(sha);
	r = cache_create(a.size, &to);
	while (r >= 0 && (n = file_read_kernel(from, buf, LOAD_PIECE, FILE_POS)) > 0) {
		size += (uint64_t) n;
		sha256_update(sha, buf, (size_t) n);
		n = size > a.size ? -EBUSY : file_write_kernel(to, buf, (size_t) n, FILE_POS);
		if (n < 0)
			break;
		kernel_relax();
	}
	if (r >= 0)
		r = n < 0 ? (int) n : 0;
	if (r >= 0) {
		sha256_final(sha, digest);
		r = cache_enter(to, name, digest, size);
	}
	if (to)
		file_put(to);
	kfree(sha);
	return r;
}

int shell_keep_file(const char *path)
{
	struct file *f;
	int r = vfs_open_at(&session_view, NULL, path, O_RDONLY, 0, NULL, &f);

	if (r >= 0) {
		r = load(f, path);
		file_put(f);
	}
	return r;
}

COMMAND(load, "FILE...", "keep programs in the cache: they run without their file", 1, SHELL_ARGS_MAX)
{
	for (int i = 1; i < argc && !shell_stopped(sh); i++) {
		int r = shell_keep_file(argv[i]);

		if (r < 0)
			shell_fail(sh, argv[i], r);
	}
	return 0;
}

COMMAND(bpf, "[COMMAND...]", "eBPF; alone: its commands", 0, SHELL_ARGS_MAX)
{
	char path[SHELL_BESIDE_MAX];
	int r = ctl_bpf(NULL, (uint32_t) argc, (void *) argv, (size_t) sh);

	if (r != -ENODATA)
		return r;
	fmt_snprintf(path, sizeof(path), SHELL_BESIDE "bpf", boot_option("image"));
	r = shell_keep_file(path);
	if (r == 0)
		r = ctl_bpf(NULL, (uint32_t) argc, (void *) argv, (size_t) sh);
	return r < 0 ? shell_fail(sh, path, r == -ENODATA ? -ESTALE : r) : 0;
}

COMMAND(unload, "NAME...", "drop programs from the cache", 1, SHELL_ARGS_MAX)
{
	for (int i = 1; i < argc; i++)
		if (cache_drop(argv[i]) < 0)
			shell_printf(sh, "%s: not in the cache; `progs` lists what is\n", argv[i]);
	return 0;
}

static int show_symbol(void *ctx, const struct symidx_symbol *s)
{
	struct shell *sh = ctx;
	static const char *const types[] = { "?", "function", "object", "label" };

	shell_printf(sh, "0x%lx %6u %-8s %s%s\n", s->address, s->size, types[s->type < 4 ? s->type : 0], s->name,
		     s->flags & SYMIDX_LOCAL ? " (local)" : "");
	return shell_stopped(sh);
}

static int look_up(struct shell *sh, const struct symidx *idx, const char *what)
{
	struct symidx_symbol *s;
	uint64_t addr, off;
	int r;

	if (strncmp(what, "0x", 2) || num_parse_u64(what, 0, &addr) < 0) {
		r = symidx_foreach(idx, what, show_symbol, sh);
		return r < 0 ? r : 0;
	}
	s = kmalloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	r = symidx_by_addr(idx, addr, s, &off);
	if (r == 0)
		shell_printf(sh, "0x%lx is %s+0x%lx\n", addr, s->name, off);
	else if (r == -ENOENT)
		shell_printf(sh, "0x%lx: no symbol is there\n", addr);
	kfree(s);
	return r == -ENOENT ? 0 : r;
}

COMMAND(symbols, "[FILE | NAME | 0xADDRESS]", "open the image's symbol index, or look in it (* and ? match)", 0, 1)
{
	const struct symidx *idx = symbols_index();
	int r;

	if (argc == 1) {
		shell_printf(sh, "%u symbols are known\n", idx ? idx->header.count : 0);
		return 0;
	}
	if (!strchr(argv[1], '/')) {
		if (idx)
			return look_up(sh, idx, argv[1]);
		shell_printf(sh, "no index is open; `symbols /host/IMAGE.sym` opens the one beside the image\n");
		return 0;
	}
	r = symbols_open(argv[1]);
	if (r < 0)
		return shell_fail(sh, argv[1], r);
	shell_printf(sh, "%u symbols\n", symbols_index()->header.count);
	return 0;
}
