/*
 * bench.c: `build/bench/bench [--quick] [PART...]`: takes the measurements and reports them. See bench.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

static const struct {
	const char *name;
	void (*run)(const struct plan *p);
} parts[] = {
	{"size", bench_size},	    {"boot", bench_boot},	  {"memory", bench_memory},   {"idle", bench_idle},
	{"latency", bench_latency}, {"share", bench_share},	  {"serve", bench_serve},     {"start", bench_start},
	{"least", bench_least},	    {"operator", bench_operator}, {"request", bench_request},
	{"bpf", bench_bpf},	    {"domain", bench_domain},
	{"probe", bench_probe},
};

static bool wanted(char **names, const char *name)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

/* Guests of other runs of uio are none of ours. */
static void private_state(void)
{
	char *top = realpath(".", NULL), *state, *run;

	if (!top)
		die(1, "bench: %s", strerror(errno));
	state = xasprintf("%s/" BENCH_DIR "/state", top);
	run = xasprintf("%s/" BENCH_DIR "/run", top);
	make_dirs(run, 0700);
	setenv("XDG_STATE_HOME", state, 1);
	setenv("XDG_RUNTIME_DIR", run, 1);
}

int main(int argc, char **argv)
{
	struct plan plan = {.rounds = 5, .many = 200};
	uint64_t start_ns = monotonic_ns();
	char **names = argv + 1;

	if (*names && strcmp(*names, "--quick") == 0) {
		plan = (struct plan){.rounds = 2, .many = 20, .quick = true};
		names++;
	}
	if (access("Makefile", F_OK) < 0)
		die(1, "bench: run it at the top of the tree");
	signal(SIGPIPE, SIG_IGN);
	unlink(BENCH_DIR "/stderr");
	private_state();
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (wanted(names, parts[i].name))
			parts[i].run(&plan);
	report_write();
	printf("%llu s\n", (unsigned long long)((monotonic_ns() - start_ns) / NS_PER_SEC));
	return 0;
}
