/*
 * cmd_port.c: uio port: where a unikernel's forwarded ports are on the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/command.h"
#include "host/net_state.h"

COMMAND(port, .synopsis = "NAME [GUEST-PORT[/tcp|/udp]]",
	.summary = "List the ports of the host that lead to a unikernel",
	.description = "One line for each, GUEST-PORT/PROTOCOL -> ADDRESS:PORT. With a port of the guest's only its "
		       "place on the "
		       "host; status 1 if nothing leads there.",
	.operands_min = 1, .operands_max = 2, .complete = COMPLETE_NAME)

/* "80" (which means tcp), "80/tcp", "53/udp". */
static void parse_port(const char *text, unsigned *ret_port, bool *ret_udp)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || n < 1 || n > 65535 || (*end && strcmp(end, "/tcp") && strcmp(end, "/udp")))
		die(EXIT_UIO, "'%s': it is a port from 1 to 65535, with /tcp or /udp behind it or not", text);
	*ret_port = (unsigned)n;
	*ret_udp = strcmp(end, "/udp") == 0;
}

static int cmd_port(const struct args *args)
{
	const struct vm *vm = vm_get_running(args->operands[0]);
	const char *wanted = args->operands[1];
	unsigned port = 0, found = 0;
	struct port_forward f;
	bool udp = false;

	if (wanted)
		parse_port(wanted, &port, &udp);
	for (int i = 0; net_state_forward(vm, i, &f); i++) {
		if (wanted && (f.guest_port != port || f.udp != udp))
			continue;
		found++;
		if (!wanted)
			printf("%u/%s -> ", f.guest_port, f.udp ? "udp" : "tcp");
		printf("%s:%u\n", f.host, f.host_port);
	}
	if (!wanted || found)
		return 0;
	warn("no port of the host leads to port %u/%s of '%s'", port, udp ? "udp" : "tcp", vm->name);
	return 1;
}
