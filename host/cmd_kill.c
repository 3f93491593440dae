/*
 * cmd_kill.c: uio kill: ends QEMU at once, or sends the application a signal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/audit.h"
#include "host/command.h"
#include "host/request.h"
#include "host/util.h"
#include "host/vm.h"

#define ASK_TIMEOUT_MS	5000
#define KILL_WAIT_MS	5000

static const struct option_def options[] = {
	{ 's', "signal", "SIGNAL", "the signal (default: KILL, which ends QEMU)", "KILL TERM INT HUP USR1 USR2",
	  COMPLETE_NONE },
	{ 0, "pid", "PID", "send it to this process of the guest instead of the application", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(kill, .synopsis = "NAME...", .summary = "Kill unikernels, or signal what runs in them",
	.description =
		"Without -s, QEMU is killed at once and nothing of the guest is saved.",
	.operands_min = 1, .operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

static int kill_one(const char *name, int signal, uint32_t pid)
{
	struct vm *vm;
	char to[16], *text;

	if (vm_load(name, &vm) < 0 || vm->status != VM_RUNNING) {
		warn("no unikernel named '%s' runs", name);
		return 1;
	}
	snprintf(to, sizeof(to), "%u", pid);
	audit_note(vm, "kill", "pid", to, "signal", strsignal(signal), NULL);
	if (signal == SIGKILL && pid == 1) {
		kill(vm->qemu, SIGKILL);
		if (!vm_wait(vm, KILL_WAIT_MS)) {
			warn("'%s' does not end: QEMU is process %ld", name, (long)vm->qemu);
			return 1;
		}
	} else if (request_kill(vm, pid, signal, ASK_TIMEOUT_MS, &text) < 0) {
		warn("%s", text);
		return 1;
	}
	puts(name);
	return 0;
}

static int cmd_kill(const struct args *args)
{
	const char *signal = args_value(args, "signal"), *pid = args_value(args, "pid");
	int number = parse_signal(signal ? signal : "KILL");
	int bad = 0;

	if (number < 0)
		die(EXIT_UIO, "-s %s: no such signal", signal);
	if (pid && atoi(pid) <= 0)
		die(EXIT_UIO, "--pid %s: a process number", pid);
	for (int i = 0; i < args->operand_count; i++)
		bad |= kill_one(args->operands[i], number, pid ? (uint32_t)atoi(pid) : 1);
	return bad;
}
