/*
 * cmd_audit.c: uio audit: who asked for what, and what programs did.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/audit.h"
#include "host/command.h"
#include "host/util.h"

#define FOLLOW_POLL_MS	100

static const struct option_def options[] = {
	{'f', "follow", NULL, "go on until the unikernel ends", NULL, COMPLETE_NONE},
	{'n', "tail", "LINES", "only the last LINES entries", NULL, COMPLETE_NONE},
	OPTION_OUTPUT,
	{0},
};

COMMAND(audit, .synopsis = "NAME", .summary = "Show who asked a unikernel for what, and what its programs did",
	.description =
		"Every command that connects to the unikernel, every program with its SHA-256 and grants, every "
		"refusal, fault, kill and eBPF request is one line of the audit log, kept with the unikernel's state until "
		"`uio rm`. What the guest tells itself has the client 'guest': that covers programs started from its "
		"shell as well. With -o json one JSON object a line.",
	.operands_min = 1, .operands_max = 1, .complete = COMPLETE_NAME, .options = options)

static const char *text_of(const cJSON *o, const char *key)
{
	const cJSON *v = cJSON_GetObjectItem(o, key);

	return cJSON_IsString(v) ? v->valuestring : "";
}

/* TIME CLIENT EVENT DETAILS */
static void print_row(const char *line)
{
	cJSON *o = cJSON_Parse(line);
	const cJSON *client = cJSON_GetObjectItem(o, "client"), *v;
	char who[48] = "guest";

	if (!o)
		return;
	if (cJSON_IsObject(client))
		snprintf(who, sizeof(who), "uid %d pid %d", (int)cJSON_GetNumberValue(cJSON_GetObjectItem(client, "uid")),
			 (int)cJSON_GetNumberValue(cJSON_GetObjectItem(client, "pid")));
	printf("%-27s  %-20s  %-18s", text_of(o, "time"), who, text_of(o, "event"));
	cJSON_ArrayForEach(v, o) {
		const char *key = v->string;

		if (!strcmp(key, "time") || !strcmp(key, "event") || !strcmp(key, "guest_time_ns"))
			continue;
		/* Enough of a hash to tell programs apart; -o json has all of it. */
		if (!strcmp(key, "sha256") && cJSON_IsString(v))
			printf(" sha256=%.12s", v->valuestring);
		else if (cJSON_IsString(v) && strcmp(key, "client"))
			printf(strpbrk(v->valuestring, " \"") ? " %s=\"%s\"" : " %s=%s", key, v->valuestring);
		else if (cJSON_IsNumber(v))
			printf(" %s=%.0f", key, v->valuedouble);
	}
	if (!strcmp(text_of(o, "event"), "connect"))
		printf(" %s", text_of(client, "command"));
	putchar('\n');
	cJSON_Delete(o);
}

static void print_line(char *line, bool json)
{
	if (json)
		puts(line);
	else
		print_row(line);
}

/* Prints what is complete; what is not stays in the file for the next time. */
static void print_from(FILE *f, bool json)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] != '\n') {
			fseek(f, -n, SEEK_CUR);
			break;
		}
		line[n - 1] = '\0';
		print_line(line, json);
	}
	clearerr(f);
	free(line);
	fflush(stdout);
}

/* The log before the last change of files, or as many entries of both as are wanted. */
static void skip_to_tail(FILE *f, long wanted)
{
	long lines = 0;
	int c;

	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	rewind(f);
	for (lines -= wanted; lines > 0 && (c = getc(f)) != EOF;)
		lines -= c == '\n';
}

static int cmd_audit(const struct args *args)
{
	struct vm *vm = vm_get(args->operands[0]);
	char *path = vm_file(vm, AUDIT_FILE), *old = vm_file(vm, AUDIT_OLD_FILE);
	const char *count = args_value(args, "tail");
	bool json = args_json(args);
	FILE *f = fopen(old, "re");

	if (f && !count)
		print_from(f, json);
	if (f)
		fclose(f);
	f = fopen(path, "re");
	if (!f && errno == ENOENT)
		return 0;
	if (!f)
		die(EXIT_UIO, "%s: %s", path, strerror(errno));
	if (count)
		skip_to_tail(f, atol(count));
	for (;;) {
		print_from(f, json);
		if (!args_flag(args, "follow") || ferror(stdout))
			break;
		vm_refresh(vm);
		if (vm->status == VM_EXITED) {
			print_from(f, json);
			break;
		}
		sleep_ms(FOLLOW_POLL_MS);
	}
	return 0;
}
