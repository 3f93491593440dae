/* shell.c: the shell's thread: prompt, lines, and which command a line means. */
#include "overlay/shell.h"

#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "lib/tok.h"
#include "overlay/session.h"

/* A command by its name or a prefix that only it has; NULL after saying why not. */
static const struct command *find(struct shell *sh, const char *word)
{
	const struct command *found = NULL;
	size_t len = strlen(word);
	unsigned count = 0;

	for (const struct command *const *c = __cmd_start; c < __cmd_end; c++) {
		if (!strcmp((*c)->name, word))
			return *c;
		if (!strncmp((*c)->name, word, len)) {
			found = *c;
			count++;
		}
	}
	if (count == 1)
		return found;
	if (!count) {
		shell_printf(sh, "%s: there is no such command; `help` lists them\n", word);
		return NULL;
	}
	shell_printf(sh, "%s: could be", word);
	for (const struct command *const *c = __cmd_start; c < __cmd_end; c++)
		if (!strncmp((*c)->name, word, len))
			shell_printf(sh, " %s", (*c)->name);
	shell_printf(sh, "\n");
	return NULL;
}

static void run_line(struct shell *sh, char *line)
{
	char *argv[SHELL_ARGS_MAX + 1];
	const struct command *c;
	int argc = tok_split(line, argv, SHELL_ARGS_MAX), r;

	if (argc < 0)
		shell_printf(sh, "%s\n", tok_error(argc));
	if (argc <= 0 || !(c = find(sh, argv[0])))
		return;
	if (argc - 1 < c->min || argc - 1 > c->max) {
		shell_printf(sh, "usage: %s %s\n", c->name, c->args);
		return;
	}
	argv[0] = (char *) c->name;
	r = c->fn(sh, argc, argv);
	if (r < 0)
		shell_fail(sh, NULL, r);
}

static void prompt(struct shell *sh)
{
	const char *name = boot_option("name");

	sh->interrupted = false;
	if (!sh->quit)
		shell_printf(sh, "%s> ", name ? name : "uio");
	shell_flush(sh);
}

static void handle(struct shell *sh, char c)
{
	switch (lineedit_feed(&sh->edit, c)) {
	case LINEEDIT_MORE:
		return;
	case LINEEDIT_LINE:
		sh->quit = false;
		run_line(sh, sh->edit.line);
		break;
	case LINEEDIT_EOF:
		shell_printf(sh, "\n");
		sh->quit = true;
		break;
	case LINEEDIT_INTERRUPT:
		break;
	}
	prompt(sh);
}

static void echo(void *ctx, const char *bytes, size_t n)
{
	struct shell *sh = ctx;

	/* Already as the terminal wants it. */
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != '\r')
			shell_write(sh, bytes + i, 1);
}

static void serve(void *arg)
{
	struct shell *sh = arg;
	void (*gone)(void *) = sh->gone;
	void *ctx = sh->ctx;

	prompt(sh);
	for (;;) {
		char c;

		if (sh->keys_len) {
			c = sh->keys[0];
			memmove(sh->keys, sh->keys + 1, --sh->keys_len);
		} else if (!vport_read(sh->port, &c, 1)) {
			shell_flush(sh);
			if (shell_stopped(sh))
				break;
			if (!vport_readable(sh->port))
				waitq_wait(sh->wake, WAIT_EVENT, "uio.shell", TIME_NEVER, false);
			continue;
		}
		handle(sh, c);
	}
	kfree(sh);
	gone(ctx);
}

int shell_serve(struct vport *port, struct waitq *wake, void (*gone)(void *ctx), void *ctx)
{
	struct shell *sh = kzalloc(sizeof(*sh));
	int r;

	if (!sh)
		return -ENOMEM;
	sh->port = port;
	sh->wake = wake;
	sh->generation = vport_generation(port);
	sh->gone = gone;
	sh->ctx = ctx;
	lineedit_init(&sh->edit, echo, sh);
	r = thread_create_kernel("uio.shell", CLASS_OVERLAY, serve, sh, NULL);
	if (r < 0)
		kfree(sh);
	return r;
}
