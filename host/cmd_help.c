/*
 * cmd_help.c: uio help.
 */
#include "host/command.h"
#include "host/image.h"
#include "host/util.h"

static const struct option_def options[] = {
	{ 0, "man", "DIR", "write the manual pages into DIR", NULL, COMPLETE_DIR },
	{ 0, "completion", NULL, "print the completion for bash", NULL, COMPLETE_NONE },
	{ 0, "images", NULL, "print the names of the images that are found", NULL, COMPLETE_NONE },
	{ 0 },
};

COMMAND(help, .synopsis = "[COMMAND]", .summary = "Explain the commands",
	.operands_max = ANY_NUMBER, /* `help bpf top`: what there is to say stands in the command's */
	.complete = COMPLETE_COMMAND, .options = options)

static int cmd_help(const struct args *args)
{
	const struct command *command;

	if (args_value(args, "man"))
		return help_man(args_value(args, "man"));
	if (args_flag(args, "completion")) {
		help_completion();
		return 0;
	}
	if (args_flag(args, "images")) {
		image_list();
		return 0;
	}
	if (args->operand_count == 0) {
		help_overview();
		return 0;
	}
	command = command_find(args->operands[0]);
	if (!command)
		die(EXIT_UIO, "'%s' is no command; see 'uio help'", args->operands[0]);
	help_print(command);
	return 0;
}
