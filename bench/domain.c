/*
 * domain.c: what a program pays for its isolation, with protection keys and with page tables: a system call, a call of the
 * application's, a switch between programs, the scan of its code. See bench.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

static const char *const lines[] = {"syscall", "call", "switch", "scan"};
static const char *const what[] = {"a null system call", "a call of the application's function",
				   "a switch to another program", "the scan of 1 MiB of code"};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static const struct kind {
	const char *domain, *grants, *name;
} kinds[] = {
	{"mpk", "call,read", "protection keys"},
	{"pt", "call", "page tables"},
	{"pt", "call,read", "page tables, grant `read`"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void run(const struct kind *k, const char *count, struct series got[LINES])
{
	char *const argv[] = {"build/bin/uio", "exec", "--grant", (char *)k->grants, "--push", BENCH_DIR "/domain-program",
			      "bench", "domain-program", (char *)count, NULL};
	char line[80];
	struct child c;

	child_start(&c, argv);
	while (child_line(&c, "", 60000, line, sizeof(line), NULL))
		for (size_t i = 0; i < LINES; i++)
			if (strncmp(line, lines[i], strlen(lines[i])) == 0)
				series_add(&got[i], strtod(line + strlen(lines[i]), NULL));
	child_end(&c);
}

static void measure(bool count, unsigned rounds, struct series got[KINDS][LINES])
{
	for (size_t k = 0; k < KINDS; k++) {
		char *const extra[] = {"--accel", "tcg", "--domain", (char *)kinds[k].domain, count ? "--qemu-arg" : NULL,
				       "-icount", "--qemu-arg", "shift=0", NULL};

		if (guest_run(BENCH_DIR "/domain", "32M", extra, NULL) && guest_log_line("waits", 10000, NULL, 0))
			for (unsigned i = 0; i < rounds; i++)
				run(&kinds[k], count ? "2000" : "20000", got[k]);
		guest_remove();
	}
}

static void figures(struct series got[KINDS][LINES], const char *unit, double scale)
{
	for (size_t i = 0; i < LINES; i++)
		for (size_t k = 0; k < KINDS; k++) {
			char text[120];
			bool scan = strcmp(lines[i], "scan") == 0;

			if (scan && k == 2) /* grants have nothing to do with it */
				continue;
			snprintf(text, sizeof(text), "%s, %s", what[i], kinds[k].name);
			report_add(&(struct figure){"m", text, unit, series_median(&got[k][i]) / scale, 0, got[k][i].n,
						    k ? kinds[0].name : NULL, series_median(&got[0][i]) / scale,
						    TARGET_NONE, 0});
		}
}

void bench_domain(const struct plan *p)
{
	static struct series instructions[KINDS][LINES], ns[KINDS][LINES];

	measure(true, p->quick ? 1 : 3, instructions);
	measure(false, p->rounds, ns);
	figures(instructions, "instructions", 1);
	figures(ns, "us", 1e3);
	report_note("m", "By the program's own clock, for which an instruction is a nanosecond under `-icount shift=0`. With "
			 "page tables only `read`\n(and a CPU without SMEP) needs a root of ring 3's own: two loads of CR3 "
			 "for each entry, few instructions, but the TLB is empty\nafter each. A switch is one of "
			 "`sched_yield` by two processes with a window each, its system call included. The scan is what\n"
			 "`mprotect` to executable takes longer than to read-only; it is the same with both, so that a program "
			 "that runs on one CPU\nruns on all.");
}
