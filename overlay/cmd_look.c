/* cmd_look.c: commands that show the guest, its processes and its log. */
#include "kernel/clock.h"
#include "kernel/log.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "overlay/cache.h"
#include "overlay/session.h"
#include "overlay/shell.h"
#include "overlay/stats.h"
#include "proto/grants.h"

COMMAND_FILE(look);

COMMAND(help, "[COMMAND]", "list the commands, or show one", 0, 1)
{
	size_t len = argc > 1 ? strlen(argv[1]) : 0;
	bool any = false;

	for (const struct command *const *c = __cmd_start; c < __cmd_end; c++) {
		if (len && strncmp((*c)->name, argv[1], len))
			continue;
		any = true;
		shell_printf(sh, "%-8s %-32s %s\n", (*c)->name, (*c)->args, (*c)->help);
	}
	if (!any)
		shell_printf(sh, "%s: there is no such command\n", argv[1]);
	else if (!len)
		shell_printf(sh, "A command may be shortened to any prefix that is its own. ^C ends what runs.\n");
	return 0;
}

COMMAND(ps, "", "list processes: the application (1) and overlay programs", 0, 0)
{
	struct msg_ps_row row;
	char command[64];
	int pid = 0;

	shell_printf(sh, "  PID  PPID S THREADS      CPU   MEMORY COMMAND\n");
	while (!shell_stopped(sh) && stats_next_process(pid, &row, command, sizeof(command))) {
		shell_printf(sh, "%5u %5u %c %7u %8s %8s %s\n", row.pid, row.ppid, row.state, row.threads,
			     shell_time(row.cpu_ns), shell_size(row.memory_bytes), row.command);
		pid = (int) row.pid;
	}
	return 0;
}

COMMAND(stats, "", "all figures, as `uio stats` gets them", 0, 0)
{
	struct stats s = { .pid = -1 };
	const char *name;

	while (!shell_stopped(sh) && stats_next(&s)) {
		shell_printf(sh, "%s (%d)\n", s.name, s.pid);
		name = s.names;
		for (unsigned i = 0; i < s.count; i++, name += strlen(name) + 1)
			shell_printf(sh, "  %-20s %lu\n", name, s.values[i]);
	}
	return 0;
}

COMMAND(free, "", "show memory", 0, 0)
{
	/* The system's first values. */
	static const char *const names[] = { "total", "free", "free at least", "kernel heap", "program cache" };
	struct stats s = { .pid = -1 };

	stats_next(&s);
	for (unsigned k = 0; k < ARRAY_SIZE(names); k++)
		shell_printf(sh, "%-14s %10lu %8s\n", names[k], s.values[k], shell_size(s.values[k]));
	return 0;
}

COMMAND(kill, "[-NUMBER] PID...", "send a signal, 15 if none is given; -9 ends a whole program", 1, SHELL_ARGS_MAX)
{
	int signo = 15, pid, i = 1, r;

	if (argv[1][0] == '-') {
		if (num_parse_int(argv[1] + 1, &signo) < 0 || argc < 3) {
			shell_printf(sh, "usage: kill [-NUMBER] PID...\n");
			return 0;
		}
		i++;
	}
	for (; i < argc; i++) {
		r = num_parse_int(argv[i], &pid);
		if (r == 0)
			r = session_kill(pid, signo);
		if (r < 0)
			shell_fail(sh, argv[i], r);
	}
	return 0;
}

COMMAND(grants, "[PID]", "show what programs may do", 0, 1)
{
	struct stats s = { .pid = 0 };
	char text[80], refused[32];
	int pid = 0;

	if (argc > 1 && num_parse_int(argv[1], &pid) < 0)
		return -EINVAL;
	if (pid && !process_find(pid))
		return -ESRCH;
	while (!shell_stopped(sh) && stats_next(&s)) {
		struct program *p = program_find(s.pid);

		if (pid && s.pid != pid)
			continue;
		grants_format(p ? p->grants : GRANT_ALL, text, sizeof(text));
		refused[0] = '\0';
		if (p)
			fmt_snprintf(refused, sizeof(refused), ", %lu refused", p->refusals);
		shell_printf(sh, "%5d %-16s %s%s%s\n", s.pid, s.name, p ? text : "everything",
			     p && p->calls ? ", named functions only" : "", refused);
	}
	return 0;
}

COMMAND(progs, "", "list programs that run and programs in the cache", 0, 0)
{
	struct stats s = { .pid = 1 };
	const struct cached *c;
	char hex[2 * SHA256_SIZE + 1], name[CACHE_NAME_MAX];

	while (!shell_stopped(sh) && stats_next(&s))
		shell_printf(sh, "running %5d %-16s cpu %s, memory %s of %s\n", s.pid, s.name, shell_time(s.values[2]),
			     shell_size(s.values[0]), shell_size(s.values[1]));
	/* Printing may wait: each one is looked for anew. */
	for (unsigned i = 0; !shell_stopped(sh) && (c = cache_nth(i)); i++) {
		sha256_hex(c->sha256, hex);
		memcpy(name, c->name, sizeof(name));
		shell_printf(sh, "cached        %-16s %s, sha256 %.12s\n", name, shell_size(c->size), hex);
	}
	return 0;
}

COMMAND(log, "[-f]", "print the kernel's log; -f goes on until ^C", 0, 1)
{
	bool follow = argc > 1 && !strcmp(argv[1], "-f");
	uint64_t pos = 0;
	char buf[128];
	size_t n;

	do {
		while (!shell_stopped(sh) && (n = log_read(&pos, buf, sizeof(buf))))
			shell_write(sh, buf, n);
		if (follow)
			shell_wait(sh, clock_monotonic_ns() + 200 * NSEC_PER_MSEC);
	} while (follow && !shell_stopped(sh));
	return 0;
}

COMMAND(uptime, "", "how long the guest has been up, and who used the CPU", 0, 0)
{
	struct sched_stats s;

	sched_get_stats(&s);
	shell_printf(sh, "up %s; application %s, overlay %s, idle %s\n", shell_time(clock_monotonic_ns()),
		     shell_time(s.app_ns), shell_time(s.overlay_ns), shell_time(s.idle_ns));
	return 0;
}

COMMAND(version, "", "what runs here", 0, 0)
{
	shell_printf(sh, "uIO, protocol %u, isolation by %s\n", PROTO_VERSION, domain->name);
	return 0;
}

COMMAND(echo, "[WORD...]", "print words", 0, SHELL_ARGS_MAX)
{
	for (int i = 1; i < argc; i++)
		shell_printf(sh, "%s%s", i > 1 ? " " : "", argv[i]);
	shell_printf(sh, "\n");
	return 0;
}

COMMAND(quit, "", "end the session; Enter starts it again", 0, 0)
{
	sh->quit = true;
	return 0;
}

COMMAND(exit, "", "the same as quit", 0, 0)
{
	sh->quit = true;
	return 0;
}
