/*
 * cmd_exec.c: uio exec: runs a program in a unikernel.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/audit.h"
#include "host/bind.h"
#include "host/client.h"
#include "host/command.h"
#include "host/copy.h"
#include "host/exec.h"
#include "host/image.h"
#include "host/program.h"
#include "host/term.h"
#include "host/util.h"
#include "lib/num.h"
#include "proto/grants.h"

#define PUSH_FOLDER	"/tmp"
#define END_WAIT_MS	2000

static const struct option_def options[] = {
	{'i', "interactive", NULL, "pass standard input on to the program", NULL, COMPLETE_NONE},
	{'t', "tty", NULL, "give the program a terminal", NULL, COMPLETE_NONE},
	{0, "push", "FILE", "push FILE first: a program is what CMD runs, other files go to " PUSH_FOLDER, NULL,
	 COMPLETE_FILE},
	{0, "profile", "PROFILE", "grants by name: monitor, debug or admin", "monitor debug admin", COMPLETE_NONE},
	{0, "grant", "LIST", "grants: read,write,call[=f],fs=ro|rw,net,signal,trace; may be repeated",
	 "read write call fs=ro fs=rw net signal trace", COMPLETE_NONE},
	{0, "cpu", "SHARE", "share of the CPU while the application wants it, such as 10% (default)", NULL,
	 COMPLETE_NONE},
	{0, "memory", "SIZE", "memory limit, such as 8M", NULL, COMPLETE_NONE},
	{0, "timeout", "TIME", "end it after this long, such as 10s", NULL, COMPLETE_NONE},
	{'e', "env", "KEY=VALUE", "set a variable of the program's environment; may be repeated", NULL, COMPLETE_NONE},
	{'w', "workdir", "DIR", "the folder it starts in", NULL, COMPLETE_NONE},
	{0},
};

COMMAND(exec, .synopsis = "NAME CMD [ARGUMENT...]", .summary = "Run a program in a running unikernel",
	.description =
		"CMD is looked for in the guest first. If it is not there, a static program of that name on "
		"the host is pushed: from $UIO_TOOLS, build/tools, beside the uio binary, or $PATH; or the "
		"one that --push names. What was pushed once is kept by the guest and found by its SHA-256.\n\n"
		"Undefined symbols of the program are the application's. Without --profile and --grant it may "
		"read files, write in /tmp, and not touch the application.\n\n"
		"The exit status is the program's; 126 if it cannot be run, 127 if it is nowhere found, 128 + "
		"N if the signal N ended it.",
	.operands_min = 1, .operands_max = ANY_NUMBER, .options_until = 1, .complete = COMPLETE_NAME,
	.options = options)

struct wide_text {
	char text[1024];
};

struct job {
	struct vm *vm;
	struct client *client;
	struct msg_exec m;
	char *program;		/* on the host; NULL: in the guest */
	int noted;		/* in the audit log: 1 + the source */
	uint8_t *lists[4];	/* argv, env, calls, symbols: memory of the lists */
};

static void set_rights(const struct args *args, struct job *job)
{
	const char *profile = args_value(args, "profile"), *text, *bad;
	struct msg_list_builder calls;

	job->m.grants = GRANTS_DEFAULT;
	if (profile && grants_profile(profile, &job->m.grants) < 0)
		die(EXIT_UIO, "--profile %s: the profiles are monitor, debug and admin", profile);
	msg_list_start(&calls, job->lists[2], FRAME_PAYLOAD_MAX);
	for (int i = 0; (text = args_nth(args, "grant", i)); i++)
		if (grants_parse(text, &job->m.grants, &calls, &bad) < 0)
			die(EXIT_UIO,
			    "--grant %s: '%.*s' is no grant; there are read, write, call, call=NAME, fs=ro, "
			    "fs=rw, net, signal, trace",
			    text, (int)strcspn(bad, ","), bad);
	msg_list_finish(&calls, &job->m.calls);
}

static void set_limits(const struct args *args, struct job *job)
{
	const char *cpu = args_value(args, "cpu"), *memory = args_value(args, "memory");
	const char *timeout = args_value(args, "timeout");

	if (cpu) {
		char *end;
		double percent = strtod(cpu, &end);

		if (end == cpu || (*end && strcmp(end, "%") != 0) || percent < 0.1 || percent > 100)
			die(EXIT_UIO, "--cpu %s: a percentage of 0.1 to 100", cpu);
		job->m.cpu_per_mille = (uint32_t)(percent * 10 + 0.5);
	}
	if (memory && num_parse_size(memory, &job->m.memory_bytes) < 0)
		die(EXIT_UIO, "--memory %s: a size, such as 8M", memory);
	if (timeout && (num_parse_duration(timeout, &job->m.timeout_ns) < 0 || job->m.timeout_ns == 0))
		die(EXIT_UIO, "--timeout %s: a time, such as 10s or 500ms", timeout);
}

static void set_environment(const struct args *args, struct job *job)
{
	const char *term = getenv("TERM"), *word;
	struct msg_list_builder env;
	char *text;

	msg_list_start(&env, job->lists[1], FRAME_PAYLOAD_MAX);
	msg_list_add_string(&env, "PATH=/bin:/usr/bin:/sbin");
	msg_list_add_string(&env, "HOME=/");
	if (job->m.flags & EXEC_TTY) {
		text = xasprintf("TERM=%s", term && term[0] ? term : "vt100");
		msg_list_add_string(&env, text);
		free(text);
	}
	for (int i = 0; (word = args_nth(args, "env", i)); i++) {
		const char *value = strchr(word, '=') ? "" : getenv(word);

		if (!value)
			continue;
		text = xasprintf("%s%s%s", word, strchr(word, '=') ? "" : "=", value);
		msg_list_add_string(&env, text);
		free(text);
	}
	if (msg_list_finish(&env, &job->m.env) < 0)
		die(EXIT_CANNOT_RUN, "the environment is too long");
}

/* --push: the last program among the files is the one to run; the others are put where it can read them. */
static void push_files(const struct args *args, struct job *job)
{
	const char *file;
	char *text;

	for (int i = 0; (file = args_nth(args, "push", i)); i++) {
		enum program_kind kind = program_kind(file);

		if (kind == PROGRAM_DYNAMIC)
			die(EXIT_CANNOT_RUN, "%s is linked dynamically; link it with -static or -static-pie", file);
		if (kind == PROGRAM_STATIC) {
			job->program = xstrdup(file);
			continue;
		}
		if (access(file, R_OK) < 0)
			die(EXIT_NOT_FOUND, "%s: %s", file, strerror(errno));
		if (copy_to_guest(job->client, file, PUSH_FOLDER, &text) < 0)
			die(EXIT_UIO, "%s", text);
	}
}

static void set_argv(const struct args *args, struct job *job)
{
	struct msg_list_builder argv;
	const char *slash;

	msg_list_start(&argv, job->lists[0], FRAME_PAYLOAD_MAX);
	if (args->operand_count < 2) {
		if (!job->program)
			die(EXIT_UIO, "exec: which program? See 'uio exec --help'");
		slash = strrchr(job->program, '/');
		job->m.path = slash ? slash + 1 : job->program;
		msg_list_add_string(&argv, job->m.path);
	} else {
		job->m.path = args->operands[1];
	}
	for (int i = 1; i < args->operand_count; i++)
		msg_list_add_string(&argv, args->operands[i]);
	if (msg_list_finish(&argv, &job->m.argv) < 0)
		die(EXIT_CANNOT_RUN, "%s: the arguments are too long", job->m.path);
	if (!job->m.path[0])
		die(EXIT_NOT_FOUND, "the program's name is empty");
}

/* "read,call=f,fs=ro" */
static struct wide_text rights_text(const struct job *job)
{
	struct wide_text w;
	struct msg_iter it;
	const char *f;

	grants_format(job->m.grants, w.text, sizeof(w.text));
	msg_iter_start(&it, &job->m.calls);
	while (msg_next_string(&it, &f))
		snprintf(w.text + strlen(w.text), sizeof(w.text) - strlen(w.text), ",call=%s", f);
	return w;
}

/* Of a program that the guest takes from the shared folder. The guest reads it later, and may find another there. */
static bool shared_file_hash(const struct job *job, char hex[2 * SHA256_SIZE + 1])
{
	const char *share = vm_string(job->vm, "share");
	uint8_t digest[SHA256_SIZE];
	bool known = false;
	uint64_t size;
	char *path;

	if (!share[0] || strncmp(job->m.path, "/host/", 6) != 0)
		return false;
	path = xasprintf("%s/%s", share, job->m.path + 6);
	if (copy_hash(path, digest, &size) == 0) {
		sha256_hex(digest, hex);
		known = true;
	}
	free(path);
	return known;
}

/* What is asked for goes into the audit log before it is done, how it went afterwards. */
static void note(const struct job *job, const struct exec_result *result)
{
	char hex[2 * SHA256_SIZE + 1], *pid = NULL, *outcome = NULL;
	struct wide_text grants = rights_text(job);

	if (result && result->error)
		outcome = xasprintf("refused: %s", result->text ? result->text : strerror(-result->error));
	else if (result)
		outcome = xasprintf("exit status %d", exec_exit_code(result->status));
	if (result && result->pid)
		pid = xasprintf("%u", result->pid);
	if (job->m.source == EXEC_HASH)
		sha256_hex(job->m.sha256, hex);
	else if (!shared_file_hash(job, hex))
		hex[0] = '\0';
	audit_note(job->vm, result ? "exec.ended" : "exec", "program", job->m.path, "file", job->program, "sha256",
		   hex[0] ? hex : NULL, "grants", grants.text, "pid", pid, "outcome", outcome, NULL);
	free(pid);
	free(outcome);
}

/* What was asked for and cannot be done, for reasons of the host's: the log knows that it was asked for. */
static _Noreturn void refuse(struct job *job, int status, const char *format, ...)
{
	struct exec_result result = {.error = -ECANCELED};
	va_list args;

	va_start(args, format);
	if (vasprintf(&result.text, format, args) < 0)
		result.text = NULL;
	va_end(args);
	if (job->noted)
		note(job, &result);
	die(status, "%s", result.text ? result.text : strerror(ENOMEM));
}

static void run(struct job *job, struct exec_result *result)
{
	int r;

	/* After a NEED the same is asked again. */
	if (job->noted != job->m.source + 1)
		note(job, NULL);
	job->noted = job->m.source + 1;
	r = exec_run(job->client, &job->m, result);
	/* A file that has to be sent first, or found on the host, is asked for once more. */
	if (r == 0 && result->error != -ENODATA && result->error != -ENOENT)
		note(job, result);
	if (r == -EMSGSIZE)
		refuse(job, EXIT_CANNOT_RUN, "%s: arguments, environment and symbols together exceed %u bytes",
		    job->m.path, FRAME_PAYLOAD_MAX);
	if (r < 0 && vm_wait(job->vm, r == -ECONNRESET ? END_WAIT_MS : 0))
		refuse(job, EXIT_UIO, "%s: '%s' has ended: %s", job->m.path, job->vm->name, job->vm->exit_text);
	if (r < 0)
		refuse(job, EXIT_UIO, "%s: lost the connection to '%s': %s", job->m.path, job->vm->name, strerror(-r));
}

/* Runs what is in the guest, or else finds the program on the host. True if it ran or was refused for good. */
static bool run_in_guest(struct job *job, struct exec_result *result)
{
	char *dynamic;

	run(job, result);
	if (result->error != -ENOENT)
		return true;
	job->program = tool_find(job->m.path, &dynamic);
	if (!job->program && dynamic)
		refuse(job, EXIT_NOT_FOUND, "%s: not in the guest, and %s on the host is not static", job->m.path,
		    dynamic);
	if (!job->program)
		refuse(job, EXIT_NOT_FOUND, "%s: not found in the guest, in $UIO_TOOLS, build/tools or $PATH",
		    job->m.path);
	return false;
}

/* From here on the program is a file of the host's. */
static void use_host_program(struct job *job)
{
	struct msg_list_builder symbols;
	uint64_t size;
	char *text;

	job->m.source = EXEC_HASH;
	if (copy_hash(job->program, job->m.sha256, &size) < 0)
		refuse(job, EXIT_CANNOT_RUN, "%s: %s", job->program, strerror(errno));
	msg_list_start(&symbols, job->lists[3], FRAME_PAYLOAD_MAX);
	if (bind_program(job->vm, job->program, &symbols, &text) < 0)
		refuse(job, EXIT_CANNOT_RUN, "%s: %s", job->m.path, text);
	if (msg_list_finish(&symbols, &job->m.symbols) < 0)
		refuse(job, EXIT_CANNOT_RUN, "%s: too many undefined symbols", job->m.path);
}

static int finish(const struct job *job, const struct exec_result *result)
{
	static const char *const reasons[] = { "", "", "ended by its time limit", "ended by its memory limit",
					       "ended because its client went away" };

	if (result->error) {
		warn("%s: %s", job->m.path, result->text ? result->text : strerror(-result->error));
		return result->error == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
	}
	if (result->report && result->report[0]) {
		char *text = bind_explain(job->vm, job->program, result->report);

		fflush(stdout);
		fprintf(stderr, "%s%s", text, text[strlen(text) - 1] == '\n' ? "" : "\n");
	} else if (result->reason >= EXIT_TIMEOUT) {
		warn("%s: %s", job->m.path, reasons[result->reason]);
	}
	return exec_exit_code(result->status);
}

static int cmd_exec(const struct args *args)
{
	struct job job = { 0 };
	struct exec_result result;
	char *text;

	for (size_t i = 0; i < 4; i++)
		job.lists[i] = xcalloc(1, FRAME_PAYLOAD_MAX);
	if (args_flag(args, "interactive"))
		job.m.flags |= EXEC_STDIN;
	if (args_flag(args, "tty"))
		job.m.flags |= EXEC_TTY;
	job.m.cwd = args_value(args, "workdir");
	set_rights(args, &job);
	set_limits(args, &job);
	set_environment(args, &job);
	term_size(&job.m.rows, &job.m.cols);
	job.vm = vm_get_running(args->operands[0]);
	job.client = client_get(job.vm);
	push_files(args, &job);
	set_argv(args, &job);

	if (!job.program && run_in_guest(&job, &result))
		return finish(&job, &result);
	use_host_program(&job);
	run(&job, &result);
	if (result.error == -ENODATA) {
		if (copy_push_program(job.client, job.program, &text) < 0)
			refuse(&job, EXIT_CANNOT_RUN, "%s: %s", job.program, text);
		run(&job, &result);
	}
	return finish(&job, &result);
}
