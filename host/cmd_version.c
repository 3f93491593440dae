/*
 * cmd_version.c: uio version.
 */
#include <stdio.h>

#include "host/command.h"
#include "host/version.h"
#include "proto/msg.h"

static const struct option_def options[] = { OPTION_OUTPUT, { 0 } };

COMMAND(version, .synopsis = "", .summary = "Show the version", .options = options)

static int cmd_version(const struct args *args)
{
	if (args_json(args))
		printf("{\"version\": \"%s\", \"protocol\": %u}\n", UIO_VERSION, PROTO_VERSION);
	else
		printf("uio %s, control protocol %u\n", UIO_VERSION, PROTO_VERSION);
	return 0;
}
