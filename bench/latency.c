/*
 * latency.c: how long an operator waits: for an empty line, a listing, and programs, new and cached. Beside each stands
 * the same on the host. See bench.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

#define ANSWER_MS 5000
#define NAMES	  20
#define LIST_DIR  BENCH_DIR "/list"
#define PROGRAM	  BENCH_DIR "/small"
#define FRESH	  BENCH_DIR "/fresh"

static void add(const char *what, const struct series *guest, const char *against, const struct series *host)
{
	report_add(&(struct figure){"e", what, "ms", series_median(guest), series_quantile(guest, 0.99), guest->n,
				    against, series_median(host)});
	report_add(&(struct figure){"e", against, "ms", series_median(host), series_quantile(host, 0.99), host->n});
}

/* A shell of the host on a pseudo terminal. */
static int host_shell(pid_t *ret_pid)
{
	char *const argv[] = {"sh", "-i", NULL}, *const env[] = {"PS1=bench> ", "PATH=/usr/bin:/bin", NULL};

	return term_start("/bin/sh", argv, env, ret_pid);
}

static void lines(struct talk *t, const char *text, unsigned count, struct series *ret)
{
	for (unsigned i = 0; i < count; i++) {
		uint64_t ns = talk_line(t, text, ANSWER_MS);

		if (!ns)
			return;
		series_add(ret, (double)ns / NS_PER_MS);
	}
}

static void make_names(void)
{
	make_dirs(LIST_DIR, 0755);
	for (unsigned i = 0; i < NAMES; i++) {
		char *path = xasprintf(LIST_DIR "/file%02u", i);

		file_write(path, "text\n", 5, 0644);
		free(path);
	}
}

static void shell_lines(const struct plan *p)
{
	struct talk guest = {.fd = guest_connect("shell.sock"), .prompt = "bench> "}, host = {.prompt = "bench> "};
	struct series empty = {0}, ls = {0}, host_empty = {0}, host_ls = {0};
	pid_t pid = 0;

	host.fd = host_shell(&pid);
	/* In turns of ten, the first line of each not counted. */
	if (guest.fd >= 0 && host.fd >= 0 && talk_line(&guest, "\n", ANSWER_MS) && talk_line(&host, "\n", ANSWER_MS)) {
		for (unsigned i = 0; i < p->many; i += 10) {
			lines(&guest, "\n", 10, &empty);
			lines(&host, "\n", 10, &host_empty);
			lines(&guest, "ls /tmp/list\n", 10, &ls);
			lines(&host, "ls " LIST_DIR "\n", 10, &host_ls);
		}
	}
	if (guest.fd >= 0)
		close(guest.fd);
	if (host.fd >= 0)
		close(host.fd);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	add("empty line in uio.shell", &empty, "empty line in the host's sh on a pty", &host_empty);
	add("ls of 20 entries in uio.shell", &ls, "ls of 20 entries in the host's sh", &host_ls);
}

/* A copy of the program that nobody has seen. */
static bool make_fresh(const char *data, size_t size, unsigned nr)
{
	char *copy = malloc(size), mark[17];
	char *at;
	bool ok = false;

	if (!copy)
		return false;
	memcpy(copy, data, size);
	at = memmem(copy, size, "mark: 0000", 10);
	if (at) {
		snprintf(mark, sizeof(mark), "%08lx%08x", (unsigned long)monotonic_ns() & 0xffffffff, nr);
		memcpy(at + 6, mark, 16);
		ok = file_write(FRESH, copy, size, 0755) == 0;
	}
	free(copy);
	return ok;
}

static void timed(char *const argv[], struct series *ret)
{
	uint64_t from_ns = monotonic_ns();

	int status = child_run(argv, 10000);

	if (status == 0)
		series_add(ret, (double)(monotonic_ns() - from_ns) / NS_PER_MS);
	else
		warn("bench: %s %s: status %d after %llu ms", argv[0], argv[1] ? argv[1] : "", status,
		     (unsigned long long)((monotonic_ns() - from_ns) / NS_PER_MS));
}

static void programs(const struct plan *p)
{
	char *const on_guest[] = {"build/bin/uio", "exec", "--push", FRESH, "bench", "fresh", NULL};
	char *const on_host[] = {FRESH, NULL};
	struct series first = {0}, cached = {0}, host_first = {0}, host_again = {0};
	char *data;
	size_t size;

	if (file_read(PROGRAM, &data, &size) < 0)
		return;
	for (unsigned i = 0; i < p->many; i++) {
		if (!make_fresh(data, size, i))
			break;
		timed(on_guest, &first);
		timed(on_host, &host_first);
		timed(on_guest, &cached);
		timed(on_host, &host_again);
	}
	free(data);
	add("first load and run by uio exec", &first, "first run of it on the host", &host_first);
	add("cached run by uio exec", &cached, "second run of it on the host", &host_again);
	report_note("e",
		    "The program has %.1f KiB; each load is of another content. `uio exec` is a new process each "
		    "time: connect, exchange, end; on the host\nit is spawn and wait.",
		    (double)size / 1024);
}

void bench_latency(const struct plan *p)
{
	char *const push[] = {"build/bin/uio", "cp", LIST_DIR, "bench:/tmp/list", NULL};

	make_names();
	if (!guest_run(BENCH_DIR "/wait", "32M", NULL, NULL) || !guest_log_line("free", 10000, NULL, 0) ||
	    child_run(push, 10000) != 0)
		warn("bench: no guest to talk to");
	shell_lines(p);
	programs(p);
	guest_remove();
}
