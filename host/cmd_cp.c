/*
 * cmd_cp.c: uio cp: copies files into and out of a unikernel.
 */
#include <stdio.h>
#include <string.h>

#include "host/client.h"
#include "host/command.h"
#include "host/copy.h"
#include "host/util.h"
#include "host/vm.h"

COMMAND(cp, .synopsis = "FROM TO", .summary = "Copy files between the host and a unikernel",
	.description =
		"One of FROM and TO is NAME:PATH. Folders are copied with all that is in them; an existing "
		"folder as TO takes the copy in.",
	.operands_min = 2, .operands_max = 2, .complete = COMPLETE_FILE)

/* "NAME:PATH" → the path, with the name cut off in place; NULL for a path of the host's. */
static char *split(char *word)
{
	char *colon = strchr(word, ':');
	char *slash = strchr(word, '/');

	if (!colon || (slash && slash < colon))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int cmd_cp(const struct args *args)
{
	char *from = xstrdup(args->operands[0]), *to = xstrdup(args->operands[1]);
	char *from_path = split(from), *to_path = split(to);
	struct client *c;
	char *text;
	int r;

	if (!from_path == !to_path)
		die(EXIT_UIO, "cp: exactly one of the two is in a unikernel, NAME:PATH");
	c = client_get(vm_get_running(from_path ? from : to));
	if (from_path)
		r = copy_from_guest(c, from_path[0] ? from_path : "/", to, &text);
	else
		r = copy_to_guest(c, from, to_path[0] ? to_path : "/", &text);
	if (r < 0)
		die(1, "%s", text);
	return 0;
}
