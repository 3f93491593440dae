/*
 * cmd_stop.c: uio stop: asks the application to end, and ends QEMU if it does not.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/audit.h"
#include "host/command.h"
#include "host/request.h"
#include "host/util.h"
#include "host/vm.h"
#include "lib/num.h"

#define WAIT_DEFAULT		"10s"
#define ASK_TIMEOUT_MS		2000
#define QEMU_TIMEOUT_MS		2000

static const struct option_def options[] = {
	{ 't', "time", "SECONDS", "how long to wait before QEMU is ended (default: 10)", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(stop, .synopsis = "NAME...", .summary = "Stop unikernels",
	.description =
		"The application gets SIGTERM. If it still runs when the time is over, or cannot be asked, "
		"QEMU is ended.",
	.operands_min = 1, .operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

static int stop_one(const char *name, uint64_t wait_ns)
{
	struct vm *vm;
	char *text;
	int r;

	if (vm_load(name, &vm) < 0) {
		warn("no unikernel is named '%s'", name);
		return 1;
	}
	if (vm->status == VM_RUNNING) {
		audit_note(vm, "stop", NULL);
		r = request_kill(vm, 1, SIGTERM, ASK_TIMEOUT_MS, &text);
		if (r == 0)
			vm_wait(vm, (int)(wait_ns / NS_PER_MS));
	}
	if (vm->status == VM_RUNNING) {
		kill(vm->qemu, SIGTERM);
		vm_wait(vm, QEMU_TIMEOUT_MS);
	}
	if (vm->status == VM_RUNNING) {
		kill(vm->qemu, SIGKILL);
		vm_wait(vm, QEMU_TIMEOUT_MS);
	}
	if (vm->status == VM_RUNNING) {
		warn("'%s' does not stop: QEMU is process %ld", name, (long)vm->qemu);
		return 1;
	}
	puts(name);
	return 0;
}

static int cmd_stop(const struct args *args)
{
	const char *time = args_value(args, "time");
	uint64_t wait_ns;
	int bad = 0;

	if (num_parse_duration(time ? time : WAIT_DEFAULT, &wait_ns) < 0 || wait_ns > 86400 * NS_PER_SEC)
		die(EXIT_UIO, "-t %s: seconds, such as 10", time);
	for (int i = 0; i < args->operand_count; i++)
		bad |= stop_one(args->operands[i], wait_ns);
	return bad;
}
