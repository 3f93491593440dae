/*
 * cmd_ps.c: uio ps: lists unikernels.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/command.h"
#include "host/net_state.h"
#include "host/util.h"
#include "host/vm.h"

static const struct option_def options[] = {
	{ 'a', "all", NULL, "show those that have ended too", NULL, COMPLETE_NONE },
	{ 'q', "quiet", NULL, "show only the names", NULL, COMPLETE_NONE },
	OPTION_OUTPUT,
	{ 0 },
};

COMMAND(ps, .synopsis = "", .summary = "List unikernels",
	.description =
		"What is shown is looked up anew each time: a QEMU that was killed is never shown as running.",
	.options = options)

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_json(cJSON *list, const struct vm *vm)
{
	static const char *const status[] = { "created", "running", "exited" };
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", vm->name);
	cJSON_AddStringToObject(o, "image", vm_string(vm, "image"));
	cJSON_AddStringToObject(o, "status", status[vm->status]);
	cJSON_AddStringToObject(o, "machine", vm_string(vm, "machine"));
	cJSON_AddStringToObject(o, "accel", vm_string(vm, "accel"));
	cJSON_AddNumberToObject(o, "memory_bytes", vm_number(vm, "memory_bytes"));
	cJSON_AddNumberToObject(o, "created", vm_number(vm, "created"));
	if (cJSON_GetObjectItem(vm->state, "ports"))
		cJSON_AddItemToObject(o, "ports", cJSON_Duplicate(cJSON_GetObjectItem(vm->state, "ports"), true));
	if (vm->status == VM_RUNNING)
		cJSON_AddNumberToObject(o, "pid", vm->qemu);
	if (vm->status == VM_EXITED) {
		cJSON_AddNumberToObject(o, "exit_code", vm->exit_code);
		cJSON_AddStringToObject(o, "exit_text", vm->exit_text);
		cJSON_AddNumberToObject(o, "exited", (double)vm->exited_at);
	}
	cJSON_AddItemToArray(list, o);
}

static void print_row(const struct vm *vm)
{
	uint64_t now = realtime_sec(), created = (uint64_t)vm_number(vm, "created");
	char machine[32], pid[16] = "-", age[48], *ports = vm->status == VM_RUNNING ? net_state_ports(vm) : xstrdup("");

	snprintf(machine, sizeof(machine), "%s/%s", vm_string(vm, "machine"), vm_string(vm, "accel"));
	if (vm->status == VM_RUNNING)
		snprintf(pid, sizeof(pid), "%ld", (long)vm->qemu);
	snprintf(age, sizeof(age), "%s ago", human_age(now > created ? now - created : 0));
	printf("%-16s %-14s %-14s %-16s %-12s %-9s %-*s%s%s\n", vm->name, base_name(vm_string(vm, "image")),
	       vm_status_text(vm), age, machine, human_size((uint64_t)vm_number(vm, "memory_bytes")), ports[0] ? 7 : 0, pid,
	       ports[0] ? " " : "", ports);
	free(ports);
}

static int cmd_ps(const struct args *args)
{
	struct vm **all = vm_all();
	bool json = args_json(args), quiet = args_flag(args, "quiet");
	cJSON *list = cJSON_CreateArray();

	if (!json && !quiet)
		printf("%-16s %-14s %-14s %-16s %-12s %-9s %-7s %s\n", "NAME", "IMAGE", "STATUS", "CREATED", "MACHINE",
		       "MEMORY", "PID", "PORTS");
	for (size_t i = 0; all[i]; i++) {
		if (all[i]->status == VM_EXITED && !args_flag(args, "all"))
			continue;
		if (json)
			add_json(list, all[i]);
		else if (quiet)
			puts(all[i]->name);
		else
			print_row(all[i]);
	}
	if (json)
		puts(cJSON_Print(list));
	return 0;
}
