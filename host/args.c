/*
 * args.c: the table of commands, and the parsing of a command line against its entry. See command.h.
 */
#include "host/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/util.h"

extern const struct command *const __start_uio_commands[];
extern const struct command *const __stop_uio_commands[];

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct command *const *)a)->name, (*(const struct command *const *)b)->name);
}

const struct command *const *commands(size_t *ret_count)
{
	static const struct command **sorted;
	size_t count = (size_t)(__stop_uio_commands - __start_uio_commands);

	if (!sorted) {
		sorted = xcalloc(count, sizeof(*sorted));
		memcpy(sorted, __start_uio_commands, count * sizeof(*sorted));
		qsort(sorted, count, sizeof(*sorted), by_name);
	}
	*ret_count = count;
	return sorted;
}

const struct command *command_find(const char *name)
{
	size_t count;
	const struct command *const *all = commands(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

static const struct option_def *find_letter(const struct command *command, char letter)
{
	for (const struct option_def *o = command->options; o && o->name; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static const struct option_def *find_name(const struct command *command, const char *name, size_t len)
{
	for (const struct option_def *o = command->options; o && o->name; o++)
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

_Noreturn static void usage(const struct command *command, const char *what, const char *word)
{
	die(EXIT_UIO, "%s: %s%s; see 'uio %s --help'", command->name, what, word, command->name);
}

static void set(struct args *args, const struct option_def *def, const char *value)
{
	if (args->set_count == OPTIONS_SET_MAX)
		usage(args->command, "too many options", "");
	args->set[args->set_count].def = def;
	args->set[args->set_count++].value = value;
}

/* One word that starts with "--". Returns how many words it took. */
static int parse_long(struct args *args, char **argv)
{
	const char *word = argv[0] + 2;
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct option_def *def;

	if (strcmp(word, "help") == 0) {
		help_print(args->command);
		exit(0);
	}
	def = find_name(args->command, word, len);
	if (!def)
		usage(args->command, "unknown option ", argv[0]);
	if (!def->value) {
		if (equals)
			usage(args->command, "this option takes no value: ", argv[0]);
		set(args, def, "");
		return 1;
	}
	if (equals) {
		set(args, def, equals + 1);
		return 1;
	}
	if (!argv[1])
		usage(args->command, "a value must follow ", argv[0]);
	set(args, def, argv[1]);
	return 2;
}

/* One word of letters, "-it" or "-m32M" or "-m" "32M". Returns how many words it took. */
static int parse_letters(struct args *args, char **argv)
{
	for (const char *p = argv[0] + 1; *p; p++) {
		const struct option_def *def = find_letter(args->command, *p);

		if (!def)
			usage(args->command, "unknown option ", argv[0]);
		if (!def->value) {
			set(args, def, "");
			continue;
		}
		if (p[1]) {
			set(args, def, p[1] == '=' ? p + 2 : p + 1);
			return 1;
		}
		if (!argv[1])
			usage(args->command, "a value must follow ", argv[0]);
		set(args, def, argv[1]);
		return 2;
	}
	return 1;
}

void args_parse(const struct command *command, int argc, char **argv, struct args *ret_args)
{
	struct args *args = ret_args;
	bool options = true;
	int i = 1;

	*args = (struct args) { .command = command };
	args->operands = xcalloc((size_t)argc + 1, sizeof(char *));
	args->rest = argv + argc;
	while (i < argc) {
		char *word = argv[i];

		if (options && strcmp(word, "--") == 0) {
			i++;
			if (command->rest) {
				args->rest = argv + i;
				args->rest_count = argc - i;
				break;
			}
			options = false;
			continue;
		}
		if (options && strncmp(word, "--", 2) == 0) {
			i += parse_long(args, argv + i);
			continue;
		}
		if (options && word[0] == '-' && word[1]) {
			i += parse_letters(args, argv + i);
			continue;
		}
		args->operands[args->operand_count++] = word;
		if (command->options_until && args->operand_count >= command->options_until)
			options = false;
		i++;
	}
	if (args->operand_count < command->operands_min)
		usage(command, "too few operands, expected ", command->synopsis);
	if (args->operand_count > command->operands_max)
		usage(command, "too many operands: ", args->operands[command->operands_max]);
}

bool args_flag(const struct args *args, const char *name)
{
	return args_value(args, name) != NULL;
}

const char *args_value(const struct args *args, const char *name)
{
	for (int i = args->set_count - 1; i >= 0; i--)
		if (strcmp(args->set[i].def->name, name) == 0)
			return args->set[i].value;
	return NULL;
}

const char *args_nth(const struct args *args, const char *name, int nth)
{
	for (int i = 0; i < args->set_count; i++)
		if (strcmp(args->set[i].def->name, name) == 0 && nth-- == 0)
			return args->set[i].value;
	return NULL;
}

bool args_json(const struct args *args)
{
	const char *format = args_value(args, "output");

	if (!format || strcmp(format, "table") == 0)
		return false;
	if (strcmp(format, "json") != 0)
		usage(args->command, "the output format is table or json, not ", format);
	return true;
}
