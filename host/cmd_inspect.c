/*
 * cmd_inspect.c: uio inspect: everything that is known of unikernels, as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/command.h"
#include "host/image.h"
#include "host/net_state.h"
#include "host/stats.h"
#include "host/util.h"

#define ANSWER_MS	5000

static const struct option_def options[] = {
	{ 0, "no-guest", NULL, "do not ask the guest", NULL, COMPLETE_NONE },
	{ 'o', "output", "FORMAT", "json, which it is anyway", "json", COMPLETE_NONE },
	{ 0 },
};

COMMAND(inspect, .synopsis = "NAME...", .summary = "Show all that is known of unikernels, as JSON",
	.description =
		"What was asked for, its network and address, QEMU's command line, how it ended; and while it runs the guest's "
		"numbers, how programs are kept apart, and the programs with their grants.",
	.operands_min = 1, .operands_max = ANY_NUMBER, .complete = COMPLETE_NAME, .options = options)

static void ask_guest(const struct vm *vm, cJSON *o)
{
	struct client *c;
	cJSON *guest = cJSON_AddObjectToObject(o, "guest"), *rows;
	char *text;

	if (client_open(vm, ANSWER_MS, &c, &text) < 0) {
		cJSON_AddStringToObject(guest, "error", text);
		free(text);
		return;
	}
	cJSON_AddStringToObject(guest, "isolation",
				client_features(c) & FEATURE_MPK ? "protection keys" : "page tables");
	if (stats_get(c, &rows, &text) == 0)
		cJSON_AddItemToObject(guest, "stats", rows);
	if (processes_get(c, &rows, &text) == 0)
		cJSON_AddItemToObject(guest, "processes", rows);
	client_close(c);
}

static cJSON *inspect(const struct vm *vm, bool guest)
{
	static const char *const status[] = { "created", "running", "exited" };
	cJSON *o = cJSON_Duplicate(vm->state, true);
	char *symbols = image_symbols(vm_string(vm, "image")), *address = net_state_address(vm);

	cJSON_DeleteItemFromObject(o, "maker");
	if (!cJSON_HasObjectItem(o, "name"))
		cJSON_AddStringToObject(o, "name", vm->name);
	cJSON_AddStringToObject(o, "status", status[vm->status]);
	cJSON_AddStringToObject(o, "state_dir", vm->dir);
	if (vm->status == VM_RUNNING && address)
		cJSON_AddStringToObject(cJSON_GetObjectItem(o, "network"), "address", address);
	free(address);
	cJSON_AddStringToObject(o, "symbols", symbols);
	cJSON_AddBoolToObject(o, "supervised", vm->supervisor != 0);
	free(symbols);
	if (vm->status == VM_EXITED) {
		cJSON_AddNumberToObject(o, "exit_code", vm->exit_code);
		cJSON_AddStringToObject(o, "exit_text", vm->exit_text);
		cJSON_AddNumberToObject(o, "exited", (double)vm->exited_at);
	}
	if (vm->status == VM_RUNNING && guest)
		ask_guest(vm, o);
	return o;
}

static int cmd_inspect(const struct args *args)
{
	cJSON *list = cJSON_CreateArray();
	struct vm *vm;
	int bad = 0;

	for (int i = 0; i < args->operand_count; i++) {
		if (vm_load(args->operands[i], &vm) < 0) {
			warn("no unikernel is named '%s'", args->operands[i]);
			bad = 1;
			continue;
		}
		cJSON_AddItemToArray(list, inspect(vm, !args_flag(args, "no-guest")));
	}
	puts(cJSON_Print(list));
	return bad;
}
