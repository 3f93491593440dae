/* shell_io.c: what commands print and what is typed meanwhile. Lines end with CR LF on the port. */
#include "overlay/shell.h"

#include <stdarg.h>

#include "lib/fmt.h"
#include "overlay/session.h"

static bool gone(const struct shell *sh)
{
	return !vport_host_open(sh->port) || vport_generation(sh->port) != sh->generation;
}

/* Takes what is typed while a command runs: ^C ends it, the rest is for later or for a program. */
static void take(struct shell *sh)
{
	char c;

	while (!gone(sh) && sh->keys_len < sizeof(sh->keys) && vport_readable(sh->port)) {
		if (vport_read(sh->port, &c, 1) != 1)
			break;
		if (sh->typed && sh->typed(sh, &c, 1))
			continue;
		if (c == 3)
			sh->interrupted = true;
		else
			sh->keys[sh->keys_len++] = c;
	}
}

bool shell_stopped(struct shell *sh)
{
	return gone(sh) || sh->interrupted;
}

void shell_flush(struct shell *sh)
{
	size_t done = 0;

	while (done < sh->out_len && !gone(sh)) {
		size_t took = vport_write(sh->port, sh->out + done, sh->out_len - done);

		done += took;
		if (!took)
			waitq_wait(sh->wake, WAIT_EVENT, "uio.shell", TIME_NEVER, false);
	}
	sh->out_len = 0;
}

void shell_write(struct shell *sh, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (sh->out_len > sizeof(sh->out) - 2) {
			take(sh);
			shell_flush(sh);
		}
		if (sh->interrupted)
			return;
		if (text[i] == '\n')
			sh->out[sh->out_len++] = '\r';
		sh->out[sh->out_len++] = text[i];
	}
}

static void sink(void *ctx, const char *text, size_t n)
{
	shell_write(ctx, text, n);
}

void shell_printf(struct shell *sh, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fmt_vprintf(sink, sh, fmt, ap);
	va_end(ap);
}

void shell_wait(struct shell *sh, uint64_t deadline_ns)
{
	shell_flush(sh);
	take(sh);
	if (!shell_stopped(sh))
		waitq_wait(sh->wake, WAIT_EVENT, "uio.shell", deadline_ns, false);
	take(sh);
}

int shell_fail(struct shell *sh, const char *what, int error)
{
	shell_printf(sh, "%s%s%s\n", what ? what : "", what ? ": " : "", session_strerror(error));
	return 0;
}

static char *turn(void)
{
	static char text[4][16];
	static unsigned next;

	return text[next++ % 4];
}

const char *shell_size(uint64_t bytes)
{
	char *text = turn();
	const char *unit = " KMGT";

	while (bytes >= 10240 && unit[1]) {
		bytes = (bytes + 512) / 1024;
		unit++;
	}
	fmt_snprintf(text, 16, *unit == ' ' ? "%lu" : "%lu%c", bytes, *unit);
	return text;
}

const char *shell_time(uint64_t ns)
{
	char *text = turn();
	uint64_t s = ns / NSEC_PER_SEC;

	if (s < 60)
		fmt_snprintf(text, 16, "%lu.%03lus", s, (ns - s * 1000000000) / 1000000);
	else if (s < 3600)
		fmt_snprintf(text, 16, "%lum%02lus", s / 60, s % 60);
	else
		fmt_snprintf(text, 16, "%luh%02lum", s / 3600, s / 60 % 60);
	return text;
}
