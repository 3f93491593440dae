/* bpf_run_verify.c: bpf-run --verify. */
#include <stdio.h>
#include <string.h>

#include "bpf/ctx.h"
#include "bpf/verify.h"
#include "tests/bpf/bpf_run.h"

static void print(void *ctx, const char *text, size_t n)
{
	fwrite(text, 1, n, stderr);
}

int run_verify(const struct run_options *options, struct bpf_prog *prog)
{
	struct bpf_verify_options how = { .mem = &run_mem };
	struct bpf_refusal refusal = { 0 };
	int r;

	if (options->verbose)
		how.log = print;
	if (options->prog_type >= 0)
		prog->type = (enum bpf_prog_type)options->prog_type;
	/* As many arguments as a run-once program may be given. */
	prog->ctx_size = BPF_SYSCALL_CONTEXT_MAX;
	r = bpf_verify(prog, &how, NULL, &refusal);
	if (r == 0)
		return 0;
	return run_die(1, refusal.text[0] ? refusal.text : strerror(-r));
}
