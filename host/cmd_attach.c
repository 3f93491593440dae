/*
 * cmd_attach.c: uio attach: the operator's shell in a unikernel, or the application's console.
 */
#include <stdio.h>

#include "host/audit.h"
#include "host/command.h"
#include "host/console.h"
#include "host/shell.h"
#include "host/util.h"

static const struct option_def options[] = {
	{ 'c', "console", NULL, "the application's console instead of the shell", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(attach, .synopsis = "NAME", .summary = "Talk to a unikernel's shell, or to its application",
	.description =
		"The shell's lines are edited here and kept in a history. ^D or 'quit' leaves. If standard "
		"input is no terminal, its lines are sent one after the other, each when the one before has "
		"been answered.\n\n"
		"With --console, ^P ^Q detaches; the application goes on running.",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

static int cmd_attach(const struct args *args)
{
	struct vm *vm = vm_get_running(args->operands[0]);
	struct console console = { .vm = vm, .forward_stdin = true, .from_last_line = true };

	audit_note(vm, "attach", "to", args_flag(args, "console") ? "console" : "shell", NULL);
	if (!args_flag(args, "console"))
		return shell_attach(vm);
	console.tty = cJSON_IsTrue(cJSON_GetObjectItem(vm->state, "tty"));
	if (console_run(&console) == CONSOLE_DETACHED)
		return 0;
	vm_wait(vm, -1);
	warn("'%s' has ended: %s", vm->name, vm->exit_text);
	return vm->exit_code;
}
