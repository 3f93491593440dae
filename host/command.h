/*
 * command.h: the table of commands. A command is one file, cmd_NAME.c, with one COMMAND() block; the block gives
 * parsing, help, the manual page and bash completion. Nothing else lists the commands.
 */
#ifndef HOST_COMMAND_H
#define HOST_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* docker's exit codes. */
#define EXIT_UIO	125	/* uio itself failed */
#define EXIT_CANNOT_RUN	126	/* the program was found and cannot be run */
#define EXIT_NOT_FOUND	127	/* no such program or image */

#define OPTIONS_SET_MAX	64
#define ANY_NUMBER	1000

/* What bash completes for a value or an operand. */
enum complete { COMPLETE_NONE, COMPLETE_FILE, COMPLETE_DIR, COMPLETE_NAME, COMPLETE_IMAGE, COMPLETE_COMMAND };

struct option_def {
	char letter;			/* 0: none */
	const char *name;		/* without the dashes */
	const char *value;		/* how help writes the value; NULL: a flag */
	const char *help;
	const char *words;		/* the values that completion offers, separated by spaces; or NULL */
	enum complete complete;
};

struct args;

struct command {
	const char *name;
	const char *synopsis;		/* the operands */
	const char *summary;		/* one line, no full stop */
	const char *description;	/* paragraphs, for help and the manual */
	int operands_min;
	int operands_max;
	int options_until;		/* options end after this many operands; 0: they may stand anywhere */
	bool rest;			/* takes words after "--" */
	enum complete complete;		/* of the operands */
	const struct option_def *options;	/* ended by an entry whose name is NULL; may be NULL */
	int (*run)(const struct args *args);	/* returns the exit status */
};

/* The command line of one command, checked against its table. */
struct args {
	const struct command *command;
	struct {
		const struct option_def *def;
		const char *value;
	} set[OPTIONS_SET_MAX];
	int set_count;
	char **operands;		/* NULL-terminated, operand_count of them */
	int operand_count;
	char **rest;			/* what follows "--"; NULL-terminated */
	int rest_count;
};

#define COMMAND(id, ...)							\
	static int cmd_##id(const struct args *args);				\
	static const struct command command_##id = {				\
		.name = #id, .run = cmd_##id, __VA_ARGS__			\
	};									\
	static const struct command *const command_##id##_entry			\
		__attribute__((used, section("uio_commands"))) = &command_##id;

/* All commands, in alphabetical order: *ret_count of them; static storage. */
const struct command *const *commands(size_t *ret_count);
/* NULL if there is none of that name. */
const struct command *command_find(const char *name);

/* Parses argv[1..]; on a mistake says which on stderr and exits with EXIT_UIO. --help prints the help and exits 0. */
void args_parse(const struct command *command, int argc, char **argv, struct args *ret_args);
bool args_flag(const struct args *args, const char *name);
/* The last value given, or NULL. */
const char *args_value(const struct args *args, const char *name);
/* The nth (from 0) value of an option that may be repeated, or NULL. */
const char *args_nth(const struct args *args, const char *name, int nth);
/* True if "-o json" was given; exits with EXIT_UIO for another format than json or table. */
bool args_json(const struct args *args);

#define OPTION_OUTPUT                                                                                             \
	{                                                                                                         \
		'o', "output", "FORMAT", "table (for people) or json (for programs)", "table json", COMPLETE_NONE \
	}

/* help.c */
void help_print(const struct command *command);
void help_overview(void);
int help_man(const char *dir);
void help_completion(void);

#endif
