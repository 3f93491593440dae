/*
 * main.c: finds the command and runs it.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "host/command.h"
#include "host/util.h"

int main(int argc, char **argv)
{
	const struct command *command;
	struct args args;
	int status;

	setlocale(LC_CTYPE, "");
	/* A client that goes away shows as EPIPE where it is handled. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help_overview();
		return argc < 2 ? EXIT_UIO : 0;
	}
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = "version";
	command = command_find(argv[1]);
	if (!command)
		die(EXIT_UIO, "'%s' is no command; see 'uio help'", argv[1]);
	args_parse(command, argc - 1, argv + 1, &args);
	status = command->run(&args);
	if (fflush(stdout) != 0 && status == 0)
		status = EXIT_UIO;
	return status;
}
