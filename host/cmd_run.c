/*
 * cmd_run.c: uio run: boots an image.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/audit.h"
#include "host/command.h"
#include "host/copy.h"
#include "host/console.h"
#include "host/image.h"
#include "host/paths.h"
#include "host/net_state.h"
#include "host/program.h"
#include "host/qemu.h"
#include "host/supervise.h"
#include "host/symbols.h"
#include "host/util.h"
#include "lib/num.h"

#define MEMORY_DEFAULT	"64M"

static const struct option_def options[] = {
	{'d', "detach", NULL, "run in the background and print the name", NULL, COMPLETE_NONE},
	{'i', "interactive", NULL, "pass standard input on to the application", NULL, COMPLETE_NONE},
	{'t', "tty", NULL, "give the application a terminal", NULL, COMPLETE_NONE},
	{0, "name", "NAME", "the unikernel's name (default: made from the image's)", NULL, COMPLETE_NONE},
	{'m', "memory", "SIZE", "memory of the guest, such as 32M (default: " MEMORY_DEFAULT ")", NULL, COMPLETE_NONE},
	{'v', "volume", "DIR:/host[:ro]", "make the host's folder DIR visible as /host", NULL, COMPLETE_DIR},
	{'p', "publish", "[IP:]HOST:GUEST[/udp]",
	 "forward the host's port HOST (of 127.0.0.1) to the guest's port GUEST; may be repeated", NULL, COMPLETE_NONE},
	{0, "net", "KIND", "user (QEMU's own; the default with -p or --ip), tap=INTERFACE or none", "user none",
	 COMPLETE_NONE},
	{0, "ip", "ADDRESS/LENGTH[,gw=ADDRESS][,dns=ADDRESS]",
	 "a fixed address instead of DHCP's (or: dhcp, none); once more for IPv6", NULL, COMPLETE_NONE},
	{'e', "env", "KEY=VALUE", "set a variable of the application's environment; may be repeated", NULL,
	 COMPLETE_NONE},
	{0, "machine", "TYPE", "QEMU's machine: microvm (default), q35 or pc", "microvm q35 pc", COMPLETE_NONE},
	{0, "accel", "ACCEL", "auto (default), kvm or tcg", "auto kvm tcg", COMPLETE_NONE},
	{0, "domain", "KIND",
	 "keep programs apart by mpk (protection keys) or pt (page tables); auto (default): by what the CPU has",
	 "auto mpk pt", COMPLETE_NONE},
	{0, "rm", NULL, "remove everything of it when it has ended", NULL, COMPLETE_NONE},
	{0, "qemu-arg", "WORD", "add a word to QEMU's command line; may be repeated", NULL, COMPLETE_NONE},
	{0, "print-qemu", NULL, "print QEMU's command line instead of running it", NULL, COMPLETE_NONE},
	{0, "verbose", NULL, "say which accelerator was chosen and why", NULL, COMPLETE_NONE},
	{0},
};

COMMAND(run, .synopsis = "IMAGE [-- ARGUMENT...]", .summary = "Boot an image",
	.description =
		"IMAGE is a path, or a name that is looked for in $UIO_IMAGES, build/images and beside the "
		"uio binary. The words after -- are the application's arguments.\n\n"
		"In the foreground, standard output and (with -i) input are the application's console, and "
		"the exit status is the application's; with -t, ^P ^Q detaches. Without -i the application "
		"finds its input at the end at once.\n\n"
		"What is left of an ended unikernel (its logs and its exit status) stays until 'uio rm'.",
	.operands_min = 1, .operands_max = 1, .rest = true, .complete = COMPLETE_IMAGE, .options = options)

static char *absolute(const char *path)
{
	char *real = realpath(path, NULL);

	if (!real)
		die(EXIT_UIO, "%s: %s", path, strerror(errno));
	return real;
}

/* DIR:/host or DIR:/host:ro or DIR. */
static void parse_volume(struct machine *m, const char *text)
{
	char *dir = xstrdup(text);
	char *colon = strstr(dir, ":/");
	struct stat st;

	if (colon) {
		*colon = '\0';
		if (strcmp(colon + 1, "/host:ro") == 0)
			m->share_read_only = true;
		else if (strcmp(colon + 1, "/host") != 0 && strcmp(colon + 1, "/host:rw") != 0)
			die(EXIT_UIO, "-v %s: a folder can only be mounted at /host: DIR:/host or DIR:/host:ro", text);
	}
	m->share = absolute(dir);
	if (stat(m->share, &st) < 0 || !S_ISDIR(st.st_mode))
		die(EXIT_UIO, "-v %s: %s is not a folder", text, m->share);
	free(dir);
}

static void parse_env(struct machine *m, const char *text)
{
	const char *value;

	if (strchr(text, '=')) {
		if (text[0] == '=')
			die(EXIT_UIO, "-e %s: the name is missing", text);
		strv_add(&m->env, text);
		return;
	}
	/* As docker: a name alone passes on the caller's. */
	value = getenv(text);
	if (value)
		strv_addf(&m->env, "%s=%s", text, value);
}

static void parse(const struct args *args, struct machine *m, const char **ret_why)
{
	const char *type = args_value(args, "machine"), *accel = args_value(args, "accel");
	const char *memory = args_value(args, "memory"), *word;

	m->type = type ? type : "microvm";
	if (machine_type_unknown(m->type))
		die(EXIT_UIO, "--machine %s: the machines are %s", m->type, machine_type_unknown(m->type));
	m->accel = accel_choose(accel ? accel : "auto", ret_why);
	if (!m->accel)
		die(EXIT_UIO, strcmp(accel, "kvm") == 0 ? "--accel %s: /dev/kvm does not open"
			      : "--accel %s: it is auto, kvm or tcg", accel);
	m->domain = args_value(args, "domain");
	if (m->domain && strcmp(m->domain, "auto") == 0)
		m->domain = NULL;
	if (m->domain && strcmp(m->domain, "mpk") != 0 && strcmp(m->domain, "pt") != 0)
		die(EXIT_UIO, "--domain %s: it is auto, mpk or pt", m->domain);
	if (num_parse_size(memory ? memory : MEMORY_DEFAULT, &m->memory_bytes) < 0 || m->memory_bytes < 1 << 20)
		die(EXIT_UIO, "-m %s: a size of at least 1M, such as 64M", memory);
	m->tty = args_flag(args, "tty");
	m->stdin_open = args_flag(args, "interactive");
	for (int i = 0; (word = args_nth(args, "volume", i)); i++) {
		if (i > 0)
			die(EXIT_UIO, "-v: there is one /host only");
		parse_volume(m, word);
	}
	for (int i = 0; (word = args_nth(args, "publish", i)); i++)
		net_add_forward(&m->net, word);
	for (int i = 0; (word = args_nth(args, "ip", i)); i++)
		net_add_ip(&m->net, word);
	net_choose(&m->net, args_value(args, "net"));
	for (int i = 0; (word = args_nth(args, "env", i)); i++)
		parse_env(m, word);
	for (int i = 0; (word = args_nth(args, "qemu-arg", i)); i++)
		strv_add(&m->extra, word);
	m->args = args->rest;
	m->image = image_find(args->operands[0]);
	if (!m->image)
		die(EXIT_NOT_FOUND, "no image '%s': not a file, and not in $UIO_IMAGES, build/images or beside uio",
		    args->operands[0]);
	if (program_kind(m->image) == PROGRAM_NOT_ELF)
		die(EXIT_CANNOT_RUN, "%s is not an image: no ELF program for x86-64", m->image);
}

/* The image's name, and a number if that is taken. */
static struct vm *create_unnamed(const char *image)
{
	const char *slash = strrchr(image, '/');
	char *base = xstrdup(slash ? slash + 1 : image);
	struct vm *vm;

	base[strcspn(base, ".")] = '\0';
	if (strlen(base) > VM_NAME_MAX - 8)
		base[VM_NAME_MAX - 8] = '\0';
	if (!vm_name_valid(base))
		base = xstrdup("uio");
	for (unsigned i = 1; i < 100000; i++) {
		char *name = i == 1 ? xstrdup(base) : xasprintf("%s-%u", base, i);
		int r = vm_create(name, &vm);

		free(name);
		if (r == 0)
			return vm;
	}
	die(EXIT_UIO, "no name is free for %s; give one with --name", image);
}

static struct vm *create(const struct args *args, const struct machine *m)
{
	const char *name = args_value(args, "name");
	struct vm *vm;

	if (!name)
		return create_unnamed(m->image);
	if (!vm_name_valid(name))
		die(EXIT_UIO, "--name %s: a name has at most %d letters, digits, '_', '.' and '-'", name, VM_NAME_MAX);
	if (vm_create(name, &vm) < 0) {
		vm = vm_get(name);
		die(EXIT_UIO,
		    "the name '%s' is in use by a unikernel that is %s; remove it with 'uio rm %s' or choose another",
		    name, vm_status_text(vm), name);
	}
	return vm;
}

static void describe(struct vm *vm, const struct machine *m, const struct strv *command, const char *why)
{
	cJSON *list;
	char *id;

	cJSON_AddStringToObject(vm->state, "name", m->name);
	cJSON_AddStringToObject(vm->state, "image", m->image);
	id = symbols_build_id(m->image);
	cJSON_AddStringToObject(vm->state, "build_id", id);
	free(id);
	cJSON_AddStringToObject(vm->state, "run_dir", vm->run_dir);
	cJSON_AddNumberToObject(vm->state, "created", (double)realtime_sec());
	cJSON_AddStringToObject(vm->state, "machine", m->type);
	cJSON_AddStringToObject(vm->state, "accel", m->accel);
	cJSON_AddStringToObject(vm->state, "accel_reason", why);
	cJSON_AddNumberToObject(vm->state, "memory_bytes", (double)m->memory_bytes);
	cJSON_AddBoolToObject(vm->state, "tty", m->tty);
	cJSON_AddBoolToObject(vm->state, "interactive", m->stdin_open);
	if (m->share)
		cJSON_AddStringToObject(vm->state, "share", m->share);
	net_state_write(vm, &m->net);
	list = cJSON_AddArrayToObject(vm->state, "args");
	for (char **arg = m->args; *arg; arg++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*arg));
	list = cJSON_AddArrayToObject(vm->state, "env");
	for (size_t i = 0; i < m->env.count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(m->env.v[i]));
	list = cJSON_AddArrayToObject(vm->state, "qemu_command");
	for (size_t i = 0; i < command->count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(command->v[i]));
	vm_record_process(vm, "maker", getpid());
}

static int foreground(const struct args *args, struct vm *vm, const struct machine *m)
{
	struct console console = { .vm = vm, .tty = m->tty, .forward_stdin = m->stdin_open };
	char *name = xstrdup(vm->name);
	int status;

	/* The supervisor wrote who it and QEMU are. */
	if (vm_load(name, &vm) < 0)
		die(EXIT_UIO, "'%s' was removed", name);
	console.vm = vm;
	if (console_run(&console) == CONSOLE_DETACHED) {
		fprintf(stderr, "\r\nuio: detached from '%s'; it goes on running\n", name);
		return 0;
	}
	vm_wait(vm, -1);
	status = vm->exit_code;
	if (strncmp(vm->exit_text, "the application", 15) != 0)
		warn("'%s': %s", name, vm->exit_text);
	if (args_flag(args, "rm"))
		vm_remove(vm);
	return status;
}

static int print_qemu(const struct args *args, struct machine *m)
{
	const char *name = args_value(args, "name");
	struct vm vm = { .dir = ".", .run_dir = "." };
	struct strv command;

	m->name = xstrdup(name ? name : "uio");
	command = qemu_command(m, &vm);
	puts(shell_quote(&command));
	return 0;
}

/* The first entry of the audit log: which image it is. */
static void note_run(const struct vm *vm, const char *image)
{
	char hex[2 * SHA256_SIZE + 1];
	uint8_t digest[SHA256_SIZE];
	uint64_t size;
	int r = copy_hash(image, digest, &size);

	if (r == 0)
		sha256_hex(digest, hex);
	audit_note(vm, "run", "image", image, "sha256", r == 0 ? hex : NULL, NULL);
}

static int cmd_run(const struct args *args)
{
	struct machine m = { 0 };
	const char *why;
	struct strv command;
	struct vm *vm;
	char *text;
	int r;

	parse(args, &m, &why);
	if (args_flag(args, "print-qemu"))
		return print_qemu(args, &m);
	net_check(&m.net);
	if (args_flag(args, "detach") && args_flag(args, "rm"))
		die(EXIT_UIO, "-d and --rm: nobody would be there to remove it");
	vm = create(args, &m);
	m.name = vm->name;
	free(vm->run_dir);
	vm->run_dir = run_dir_make(vm->name);
	command = qemu_command(&m, vm);
	describe(vm, &m, &command, why);
	vm_save(vm);
	if (args_flag(args, "verbose"))
		warn("'%s' runs on %s with %s: %s", vm->name, m.type, m.accel, why);
	note_run(vm, m.image);
	r = supervise_start(vm, &command, &text);
	if (r < 0) {
		warn("cannot start '%s': %s", vm->name, text);
		vm_remove(vm);
		return EXIT_UIO;
	}
	if (!args_flag(args, "detach"))
		return foreground(args, vm, &m);
	puts(vm->name);
	return 0;
}
