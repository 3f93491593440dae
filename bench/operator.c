/*
 * operator.c: how long an operator waits: for an empty line and for a trivial program, in our guest and over ssh in a
 * Linux machine (dropbear, dash), in turns. See server.h.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/server.h"

#define MEMORY_KIB (256 * 1024)
#define ANSWER_MS  10000
#define LINUX_SLOT 1
#define TURN	   10
#define SSH_KEY	   LINUX_VM_DIR "/key"

/* dbclient's words up to the command, if any; its prompt for the unknown host is answered beforehand. */
static void ssh_words(const struct endpoint *e, char *const command[], struct strv *ret)
{
	*ret = (struct strv){0};
	strv_add(ret, "dbclient");
	strv_add(ret, "-y");
	strv_add(ret, "-y");
	strv_add(ret, "-i");
	strv_add(ret, SSH_KEY);
	strv_add(ret, "-p");
	strv_addf(ret, "%u", e->port);
	strv_addf(ret, "root@%s", e->address);
	for (; command && *command; command++)
		strv_add(ret, *command);
}

/* A session on a pseudo terminal. Returns its other side, or a negative errno. */
static int ssh_session(const struct endpoint *e, pid_t *ret_pid)
{
	struct strv words;
	char *const env[] = {"PATH=/usr/bin:/bin", "TERM=dumb", "HOME=/nonexistent", NULL};

	ssh_words(e, NULL, &words);
	return term_start("/usr/bin/dbclient", words.v, env, ret_pid);
}

static void lines(struct talk *t, struct series *ret)
{
	for (unsigned i = 0; i < TURN; i++) {
		uint64_t ns = talk_line(t, "\n", ANSWER_MS);

		if (ns)
			series_add(ret, (double)ns / NS_PER_MS);
	}
}

static void empty_lines(const struct endpoint *e, const struct plan *p)
{
	struct talk ours = {.fd = guest_connect("shell.sock"), .prompt = "bench> "}, ssh = {.prompt = "bench> "};
	struct series ms[2] = {0};
	pid_t pid = 0;

	ssh.fd = ssh_session(e, &pid);
	if (ours.fd >= 0 && ssh.fd >= 0 && talk_line(&ours, "\n", ANSWER_MS) && talk_line(&ssh, "\n", ANSWER_MS))
		for (unsigned i = 0; i < p->many; i += TURN) {
			lines(&ours, &ms[0]);
			lines(&ssh, &ms[1]);
		}
	if (ours.fd >= 0)
		close(ours.fd);
	if (ssh.fd >= 0)
		close(ssh.fd);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	report_add(&(struct figure){"j", "an empty line in the guest's shell", "ms", series_median(&ms[0]),
				    series_quantile(&ms[0], 0.99), ms[0].n, "dash in an open dropbear session",
				    series_median(&ms[1]), TARGET_RATIO_AT_MOST, 1 / 5.0});
}

static void timed(char *const argv[], struct series *ret)
{
	uint64_t from_ns = monotonic_ns();
	int status = child_run(argv, ANSWER_MS);

	if (status == 0)
		series_add(ret, (double)(monotonic_ns() - from_ns) / NS_PER_MS);
	else
		warn("bench: %s: status %d", argv[0], status);
}

static void programs(const struct endpoint *e, const struct plan *p)
{
	char *const ours[] = {"build/bin/uio", "exec", "--push", BENCH_DIR "/small", "bench", "small", NULL};
	char *const command[] = {"true", NULL};
	struct series ms[2] = {0}, first = {0};
	struct strv ssh;

	ssh_words(e, command, &ssh);
	timed(ours, &first); /* it is sent once, and then the guest has it */
	for (unsigned i = 0; i < p->many / 10; i++) {
		timed(ours, &ms[0]);
		timed(ssh.v, &ms[1]);
	}
	report_add(&(struct figure){"j", "uio exec of a trivial program", "ms", series_median(&ms[0]),
				    series_quantile(&ms[0], 0.99), ms[0].n, "dbclient HOST true", series_median(&ms[1]),
				    TARGET_RATIO_AT_MOST, 1 / 20.0});
}

void bench_operator(const struct plan *p)
{
	struct server_plan plan = {.side = SIDE_LINUX, .service = "ssh", .memory_kib = MEMORY_KIB, .slot = LINUX_SLOT};
	struct server machine;

	if (server_ready(&machine, &plan)) {
		if (!guest_run(BENCH_DIR "/wait", "32M", NULL, NULL) || !guest_log_line("free", ANSWER_MS, NULL, 0))
			warn("bench: no guest to talk to");
		empty_lines(&machine.at, p);
		programs(&machine.at, p);
		guest_remove();
		server_end(&machine);
	}
	report_note("j",
		    "Dropbear's server with a key made beforehand (ed25519), its client on the host, over %s. The "
		    "trivial program of ours has %s.",
		    net_text(), "20 KiB and is in the guest's cache");
}
