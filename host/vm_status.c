/*
 * vm_status.c: is it running, and if not, how did it end? Answered from /proc, exit.json and the kernel's log, never
 * from what a process said about itself earlier.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/process.h"
#include "host/util.h"
#include "host/vm.h"

#define PANIC_STATUS	134	/* as if it had aborted */
#define LOST_STATUS	137	/* QEMU vanished without a word */

void vm_record_process(struct vm *vm, const char *key, pid_t pid)
{
	cJSON *p = cJSON_CreateObject();
	uint64_t ticks = 0;

	process_start(pid, &ticks);
	cJSON_AddNumberToObject(p, "pid", pid);
	cJSON_AddNumberToObject(p, "start_ticks", (double)ticks);
	cJSON_AddStringToObject(p, "boot_id", boot_id());
	cJSON_DeleteItemFromObject(vm->state, key);
	cJSON_AddItemToObject(vm->state, key, p);
}

/* The pid recorded under key if that very process lives, else 0. */
static pid_t recorded(const struct vm *vm, const char *key)
{
	const cJSON *p = cJSON_GetObjectItem(vm->state, key);
	const cJSON *pid = cJSON_GetObjectItem(p, "pid");
	const cJSON *ticks = cJSON_GetObjectItem(p, "start_ticks");
	const char *boot = cJSON_GetStringValue(cJSON_GetObjectItem(p, "boot_id"));

	if (!cJSON_IsNumber(pid) || !cJSON_IsNumber(ticks) || !boot)
		return 0;
	if (!process_alive((pid_t)pid->valuedouble, (uint64_t)ticks->valuedouble, boot))
		return 0;
	return (pid_t)pid->valuedouble;
}

/* The last line of text that begins with prefix, or NULL. */
static const char *last_line(const char *text, const char *prefix)
{
	const char *found = NULL;
	const char *p = text;

	while (p && *p) {
		if (strncmp(p, prefix, strlen(prefix)) == 0)
			found = p;
		p = strchr(p, '\n');
		if (p)
			p++;
	}
	return found;
}

int vm_exit_from_log(const struct vm *vm, char **ret_text)
{
	char *path = vm_file(vm, "kernel.log");
	char *log;
	const char *line;
	int code = -1;

	if (file_read(path, &log, NULL) == 0) {
		line = last_line(log, "uio: panic: ");
		if (line) {
			*ret_text = xasprintf("panic: %.*s", (int)strcspn(line + 12, "\r\n"), line + 12);
			code = PANIC_STATUS;
		} else {
			line = last_line(log, "uio: exit ");
			if (line) {
				code = atoi(line + 10) & 0xff;
				*ret_text = xasprintf("the application exited with %d", code);
			}
		}
		free(log);
	}
	free(path);
	return code;
}

static bool load_exit(struct vm *vm)
{
	char *path = vm_file(vm, "exit.json");
	char *text;
	cJSON *json;
	int r = file_read(path, &text, NULL);

	free(path);
	if (r < 0)
		return false;
	json = cJSON_Parse(text);
	free(text);
	if (json) {
		const char *why = cJSON_GetStringValue(cJSON_GetObjectItem(json, "text"));
		const cJSON *code = cJSON_GetObjectItem(json, "code");
		const cJSON *at = cJSON_GetObjectItem(json, "at");

		vm->exit_code = cJSON_IsNumber(code) ? code->valueint : EXIT_FAILURE;
		vm->exited_at = cJSON_IsNumber(at) ? (uint64_t)at->valuedouble : 0;
		free(vm->exit_text);
		vm->exit_text = xstrdup(why ? why : "");
	}
	cJSON_Delete(json);
	return json != NULL;
}

/* Nobody recorded the end: the supervisor was killed too. Say what the log says. */
static void guess_exit(struct vm *vm)
{
	char *path = vm_file(vm, "kernel.log");
	struct stat st;

	free(vm->exit_text);
	vm->exit_text = NULL;
	vm->exit_code = vm_exit_from_log(vm, &vm->exit_text);
	vm->exited_at = stat(path, &st) == 0 ? (uint64_t)st.st_mtime : 0;
	if (vm->exit_code < 0) {
		vm->exit_code = LOST_STATUS;
		vm->exit_text = xstrdup("QEMU is gone and nobody saw it end");
	}
	free(path);
}

void vm_refresh(struct vm *vm)
{
	/* The order matters: what is alive is looked at before exit.json, which is written after QEMU has ended. */
	vm->qemu = recorded(vm, "qemu");
	vm->supervisor = recorded(vm, "supervisor");
	if (vm->qemu) {
		vm->status = VM_RUNNING;
		return;
	}
	if (load_exit(vm)) {
		vm->status = VM_EXITED;
		return;
	}
	if (vm->supervisor) {
		vm->status = VM_CREATED;
		/* QEMU has just ended, and the supervisor is about to write down how. */
		for (int i = 0; i < 100 && cJSON_GetObjectItem(vm->state, "qemu"); i++) {
			sleep_ms(5);
			if (load_exit(vm)) {
				vm->status = VM_EXITED;
				return;
			}
			if (!recorded(vm, "supervisor"))
				break;
		}
	}
	if (!cJSON_GetObjectItem(vm->state, "qemu")) {
		vm->status = vm->supervisor || recorded(vm, "maker") ? VM_CREATED : VM_EXITED;
		if (vm->status == VM_CREATED)
			return;
	}
	vm->status = VM_EXITED;
	guess_exit(vm);
}

bool vm_wait(struct vm *vm, int timeout_ms)
{
	uint64_t start = monotonic_ns();

	for (;;) {
		vm_refresh(vm);
		if (vm->status == VM_EXITED)
			return true;
		if (timeout_ms >= 0 && monotonic_ns() - start > (uint64_t)timeout_ms * NS_PER_MS)
			return false;
		sleep_ms(20);
	}
}

void vm_record_exit(struct vm *vm, int code, const char *text)
{
	cJSON *json = cJSON_CreateObject();
	char *path = vm_file(vm, "exit.json");
	char *out;

	cJSON_AddNumberToObject(json, "code", code);
	cJSON_AddStringToObject(json, "text", text);
	cJSON_AddNumberToObject(json, "at", (double)realtime_sec());
	out = cJSON_PrintUnformatted(json);
	file_write(path, out, strlen(out), 0600);
	cJSON_free(out);
	cJSON_Delete(json);
	free(path);
	if (vm->run_dir[0])
		remove_dir(vm->run_dir);
}

const char *vm_status_text(const struct vm *vm)
{
	static char text[32];

	if (vm->status == VM_EXITED) {
		snprintf(text, sizeof(text), "exited (%d)", vm->exit_code);
		return text;
	}
	return vm->status == VM_RUNNING ? "running" : "created";
}
