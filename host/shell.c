/*
 * shell.c: see shell.h. Lines are edited here with libedit, so the guest's echo of a line is taken out of its answer,
 * and its prompt becomes libedit's. What the prompt looks like is learnt by sending an empty line: it is the text
 * without a newline after which the guest falls silent.
 */
#include "host/shell.h"

#include <errno.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "host/util.h"

#define QUIET_MS	60	/* silence after which a partial line is taken for the prompt */
#define LEARN_MS	10000	/* for the first prompt */
#define ANEW_MS		1500	/* without one, connect anew: see synchronize() in client.c */
#define HISTORY_SIZE	500
#define CTRL_C		"\003"

struct shell {
	const struct vm *vm;
	const char *path;	/* of the socket */
	int fd;
	bool closed;
	char prompt[256];	/* "" until learnt */
	char *text;		/* the answer under way, ended by 0 */
	size_t have;		/* bytes in text */
	size_t shown;		/* bytes of it that are on the screen */
	size_t echo;		/* bytes of echo that are left out at its start */
	char *line;		/* that was sent */
};

/* One at a time: libedit's callbacks get no argument that could lead here. */
static struct shell *the_shell;
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static void forget(struct shell *s)
{
	s->have = s->shown = s->echo = 0;
	s->text = xrealloc(s->text, 1);
	s->text[0] = '\0';
}

/* Takes in what the port holds, without carriage returns. False at the end. */
static bool take_in(struct shell *s)
{
	char buf[4096];
	ssize_t n = read(s->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		s->closed = true;
		return false;
	}
	s->text = xrealloc(s->text, s->have + (size_t)n + 1);
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] != '\r')
			s->text[s->have++] = buf[i];
	s->text[s->have] = '\0';
	return true;
}

/* The part of the answer after its last newline. */
static char *last_part(const struct shell *s)
{
	char *newline = strrchr(s->text, '\n');

	return newline ? newline + 1 : s->text;
}

static bool at_prompt(const struct shell *s)
{
	const char *part = last_part(s);

	/* The prompt may follow output that did not end its line. */
	if (s->prompt[0]) {
		size_t len = strlen(s->prompt);

		return s->have >= s->echo + len && strcmp(s->text + s->have - len, s->prompt) == 0;
	}
	return part[0] != '\0';
}

/* The echo is what was sent, up to and with its newline; a guest that does not echo is fine too. */
static void find_echo(struct shell *s)
{
	size_t len = s->line ? strlen(s->line) : 0;

	if (!s->line || s->have < len + 1)
		return;
	if (strncmp(s->text, s->line, len) == 0 && s->text[len] == '\n')
		s->echo = s->shown = len + 1;
	free(s->line);
	s->line = NULL;
}

/* Shows what is certain not to be echo or prompt. */
static void show(struct shell *s, bool all)
{
	size_t end = s->have;

	find_echo(s);
	if (s->line && !all)
		return;
	if (!all) {
		/* Keep back as much as could be the beginning of the prompt. */
		size_t keep = strlen(s->prompt);

		for (; keep > 0; keep--)
			if (keep <= end - s->shown && strncmp(s->text + end - keep, s->prompt, keep) == 0)
				break;
		end -= keep;
	}
	if (end > s->shown) {
		write_all(STDOUT_FILENO, s->text + s->shown, end - s->shown);
		s->shown = end;
	}
}

/* Connects anew and asks for a prompt. */
static void ask_anew(struct shell *s)
{
	close(s->fd);
	s->fd = unix_connect(s->path);
	forget(s);
	s->closed = s->fd < 0 || write_all(s->fd, "\025\n", 2) < 0;
}

/* Waits for the prompt; shows the answer. False when the guest is gone. */
static bool await_prompt(struct shell *s)
{
	uint64_t start = monotonic_ns(), anew_ns = ANEW_MS * NS_PER_MS;

	while (!s->closed) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		int r = poll(&p, 1, QUIET_MS);

		if (interrupted) {
			interrupted = 0;
			write_all(s->fd, CTRL_C, 1);
		}
		if (r > 0) {
			take_in(s);
			if (s->prompt[0])
				show(s, false);
			/* A known prompt needs no silence if nothing follows at once. */
			if (s->prompt[0] && at_prompt(s) && poll(&p, 1, 0) == 0)
				return true;
			continue;
		}
		if (r == 0 && at_prompt(s))
			return true;
		if (!s->prompt[0] && monotonic_ns() - start > anew_ns) {
			ask_anew(s);
			anew_ns *= 2;
		}
		if (r == 0 && !s->prompt[0] && monotonic_ns() - start > LEARN_MS * NS_PER_MS)
			die(125, "the shell of '%s' does not answer (an image linked with -fno-overlay has none)",
			    s->vm->name);
	}
	show(s, true);
	return false;
}

static bool send_line(struct shell *s, const char *line)
{
	forget(s);
	free(s->line);
	s->line = xstrdup(line);
	return write_all(s->fd, line, strlen(line)) == 0 && write_all(s->fd, "\n", 1) == 0;
}

/* The first prompt: whatever a client before us left half typed is thrown away with ^U. */
static bool learn_prompt(struct shell *s)
{
	forget(s);
	write_all(s->fd, "\025\n", 2);
	if (!await_prompt(s))
		return false;
	snprintf(s->prompt, sizeof(s->prompt), "%s", last_part(s));
	/* A greeting that came before it is for the user; an earlier prompt is not. */
	for (char *line = s->text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (line[0] && strncmp(line, s->prompt, strlen(s->prompt)) != 0 && isatty(STDIN_FILENO))
			printf("%s\n", line);
	}
	fflush(stdout);
	return true;
}

static bool is_quit(const char *line)
{
	while (*line == ' ')
		line++;
	return strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0;
}

/* Runs one line. False to leave. */
static bool run_line(struct shell *s, char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (is_quit(line)) {
		/* The guest ends its side too: programs in the foreground, a login. Its farewell is not waited for. */
		send_line(s, line);
		return false;
	}
	return send_line(s, line) && await_prompt(s);
}

static void plain(struct shell *s)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0 && run_line(s, line))
		;
	free(line);
}

static char *prompt_of(EditLine *el)
{
	(void)el;
	return the_shell->prompt;
}

/* libedit's reader: while the user types, text that comes unasked is shown above the line. */
static int get_char(EditLine *el, wchar_t *ret_char)
{
	struct shell *s = the_shell;
	mbstate_t state = { 0 };
	char c;

	for (;;) {
		struct pollfd p[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = s->fd, .events = POLLIN } };
		size_t n;

		if (poll(p, 2, -1) < 0) {
			errno = EINTR;
			return -1;
		}
		if (p[1].revents) {
			forget(s);
			if (!take_in(s))
				return 0;
			printf("\r\033[K%s%s", s->text, s->have && s->text[s->have - 1] != '\n' ? "\n" : "");
			fflush(stdout);
			el_set(el, EL_REFRESH);
		}
		if (!p[0].revents)
			continue;
		if (read(STDIN_FILENO, &c, 1) != 1)
			return 0;
		n = mbrtowc(ret_char, &c, 1, &state);
		if (n <= 1)
			return 1;
		if (n == (size_t)-1)
			memset(&state, 0, sizeof(state));
	}
}

static void edit(struct shell *s)
{
	EditLine *el = el_init("uio", stdin, stdout, stderr);
	History *lines = history_init();
	char *file = vm_file(s->vm, "history");
	HistEvent event;
	int count;

	the_shell = s;
	history(lines, &event, H_SETSIZE, HISTORY_SIZE);
	history(lines, &event, H_SETUNIQUE, 1);
	history(lines, &event, H_LOAD, file);
	el_set(el, EL_PROMPT, prompt_of);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_HIST, history, lines);
	el_set(el, EL_GETCFN, get_char);
	el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	for (;;) {
		const char *line = el_gets(el, &count);
		char *copy;
		bool go_on;

		if (!line && interrupted) {
			interrupted = 0;
			printf("^C\n");
			el_reset(el);
			continue;
		}
		if (!line || count <= 0)
			break;
		if (line[strspn(line, " \r\n")]) {
			history(lines, &event, H_ENTER, line);
			history(lines, &event, H_SAVE, file);
		}
		copy = xstrdup(line);
		go_on = run_line(s, copy);
		free(copy);
		if (!go_on)
			break;
	}
	if (!s->closed)
		printf("\n");
	history_end(lines);
	el_end(el);
	free(file);
}

int shell_attach(struct vm *vm)
{
	struct shell s = { .vm = vm };
	struct sigaction action = { .sa_handler = on_interrupt };
	int lock = vm_lock(vm, "shell.lock");
	char *path = vm_socket(vm, "shell.sock");

	if (lock == -EAGAIN)
		die(125, "another uio command is attached to the shell of '%s'", vm->name);
	s.path = path;
	s.fd = unix_connect(path);
	if (s.fd < 0)
		die(125, "%s: %s", path, strerror(-s.fd));
	sigaction(SIGINT, &action, NULL);
	if (learn_prompt(&s)) {
		if (isatty(STDIN_FILENO))
			edit(&s);
		else
			plain(&s);
	}
	if (s.closed) {
		vm_wait(vm, 2000);
		warn("'%s' has ended%s%s", vm->name, vm->exit_text ? ": " : "", vm->exit_text ? vm->exit_text : "");
		return vm->status == VM_EXITED ? vm->exit_code : 125;
	}
	close(s.fd);
	return 0;
}
