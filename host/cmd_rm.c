/*
 * cmd_rm.c: uio rm: removes what is left of unikernels.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "host/command.h"
#include "host/util.h"
#include "host/vm.h"

#define KILL_WAIT_MS	5000

static const struct option_def options[] = {
	{ 'f', "force", NULL, "kill it first if it runs; no error if there is none", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(rm, .synopsis = "NAME...", .summary = "Remove unikernels that have ended", .operands_min = 1,
	.operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

static int remove_one(const char *name, bool force)
{
	struct vm *vm;
	int r;

	if (vm_load(name, &vm) < 0) {
		if (!force)
			warn("no unikernel is named '%s'", name);
		return force ? 0 : 1;
	}
	if (vm->status != VM_EXITED && force) {
		if (vm->qemu)
			kill(vm->qemu, SIGKILL);
		else if (vm->supervisor)
			kill(vm->supervisor, SIGKILL);
		vm_wait(vm, KILL_WAIT_MS);
	}
	if (vm->status != VM_EXITED) {
		warn("'%s' is %s; stop it first, or use -f", name, vm_status_text(vm));
		return 1;
	}
	r = vm_remove(vm);
	if (r < 0) {
		warn("%s: %s", vm->dir, strerror(-r));
		return 1;
	}
	puts(name);
	return 0;
}

static int cmd_rm(const struct args *args)
{
	int bad = 0;

	for (int i = 0; i < args->operand_count; i++)
		bad |= remove_one(args->operands[i], args_flag(args, "force"));
	return bad;
}
