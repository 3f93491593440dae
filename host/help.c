/*
 * help.c: help, manual pages and bash completion, all from the table of commands.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/command.h"
#include "host/util.h"
#include "host/version.h"

#define WIDTH	90

void help_overview(void)
{
	size_t count;
	const struct command *const *all = commands(&count);

	printf("Usage: uio COMMAND [OPTIONS] ...\n\n"
	       "Boots unikernels, and walks into them while they run.\n\nCommands:\n");
	for (size_t i = 0; i < count; i++)
		printf("  %-11s %s\n", all[i]->name, all[i]->summary);
	printf("\n'uio help COMMAND' tells more.\n");
}

static char *option_words(const struct option_def *o)
{
	char *letter = o->letter ? xasprintf("-%c, ", o->letter) : xstrdup("    ");
	char *words = xasprintf("%s--%s%s%s", letter, o->name, o->value ? " " : "", o->value ? o->value : "");

	free(letter);
	return words;
}

/* Paragraphs, separated by empty lines, filled up to WIDTH columns. */
static void print_filled(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t len = strcspn(text, " \n");

		if (column > 0 && column + 1 + len > WIDTH) {
			putchar('\n');
			column = 0;
		}
		printf("%s%.*s", column > 0 ? " " : "", (int)len, text);
		column += len + (column > 0);
		text += len;
		if (strncmp(text, "\n\n", 2) == 0) {
			printf("\n\n");
			column = 0;
		}
		text += strspn(text, " \n");
	}
	putchar('\n');
}

void help_print(const struct command *command)
{
	printf("Usage: uio %s %s%s\n\n%s.\n", command->name, command->options ? "[OPTIONS] " : "",
	       command->synopsis, command->summary);
	if (command->description) {
		putchar('\n');
		print_filled(command->description);
	}
	if (!command->options)
		return;
	printf("\nOptions:\n");
	for (const struct option_def *o = command->options; o->name; o++) {
		char *words = option_words(o);

		printf("  %-26s %s\n", words, o->help);
		free(words);
	}
}

/* Text for roff: a leading dot or quote and every backslash and dash need care. */
static void roff(FILE *f, const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", f);
		if (*text == '\\')
			fputs("\\e", f);
		else if (*text == '-')
			fputs("\\-", f);
		else if (*text == '\n' && text[1] == '\n')
			fputs("\n.PP", f);
		else
			fputc(*text, f);
		start = *text == '\n';
	}
	fputc('\n', f);
}

static void man_command(FILE *f, const struct command *c)
{
	fprintf(f, ".TH \"UIO\\-%s\" 1 \"\" \"uIO %s\" \"uIO\"\n.SH NAME\nuio\\-%s \\- ", c->name, UIO_VERSION,
		c->name);
	roff(f, c->summary);
	fprintf(f, ".SH SYNOPSIS\n.B uio %s\n", c->name);
	if (c->options)
		fprintf(f, "[OPTIONS]\n");
	roff(f, c->synopsis);
	if (c->description) {
		fprintf(f, ".SH DESCRIPTION\n");
		roff(f, c->description);
	}
	if (c->options) {
		fprintf(f, ".SH OPTIONS\n");
		for (const struct option_def *o = c->options; o->name; o++) {
			char *words = option_words(o);

			fprintf(f, ".TP\n.B ");
			roff(f, words + strspn(words, " "));
			roff(f, o->help);
			free(words);
		}
	}
	fprintf(f, ".SH \"SEE ALSO\"\n.BR uio (1)\n");
}

static void man_overview(FILE *f)
{
	size_t count;
	const struct command *const *all = commands(&count);

	fprintf(f,
		".TH UIO 1 \"\" \"uIO %s\" \"uIO\"\n.SH NAME\nuio \\- boot unikernels and walk into them while they "
		"run\n"
		".SH SYNOPSIS\n.B uio\nCOMMAND [OPTIONS] ...\n.SH COMMANDS\n",
		UIO_VERSION);
	for (size_t i = 0; i < count; i++) {
		fprintf(f, ".TP\n.BR uio\\-%s (1)\n", all[i]->name);
		roff(f, all[i]->summary);
	}
	fprintf(f, ".SH \"EXIT STATUS\"\n"
		"That of the application or program; 128 + N if the signal N ended it; 125 if uio itself failed,\n"
		"126 if a program cannot be run, 127 if it was not found.\n"
		".SH FILES\n.TP\n.I $XDG_STATE_HOME/uio/NAME/\nstate.json, console.log, kernel.log, qemu.log, history\n"
		".TP\n.I $XDG_RUNTIME_DIR/uio/\nsockets and locks; /tmp/uio\\-UID/ where that is not set\n"
		".SH ENVIRONMENT\n"
		".TP\n.B UIO_IMAGES\nfolders in which images are looked for, separated by colons\n"
		".TP\n.B UIO_TOOLS\nfolders in which programs for exec are looked for, separated by colons\n"
		".TP\n.B UIO_QEMU\nthe QEMU to start instead of qemu\\-system\\-x86_64\n");
}

int help_man(const char *dir)
{
	size_t count;
	const struct command *const *all = commands(&count);

	make_dirs(dir, 0777);
	for (size_t i = 0; i <= count; i++) {
		char *path = i < count ? xasprintf("%s/uio-%s.1", dir, all[i]->name) : xasprintf("%s/uio.1", dir);
		FILE *f = fopen(path, "w");

		if (!f)
			die(EXIT_UIO, "%s: %s", path, strerror(errno));
		if (i < count)
			man_command(f, all[i]);
		else
			man_overview(f);
		if (fclose(f) != 0)
			die(EXIT_UIO, "%s: %s", path, strerror(errno));
		free(path);
	}
	return 0;
}

static const char *complete_action(enum complete what)
{
	switch (what) {
	case COMPLETE_FILE:
		return "COMPREPLY=($(compgen -f -- \"$cur\"))";
	case COMPLETE_DIR:
		return "COMPREPLY=($(compgen -d -- \"$cur\"))";
	case COMPLETE_NAME:
		return "COMPREPLY=($(compgen -W \"$(uio ps -aq 2>/dev/null)\" -- \"$cur\"))";
	case COMPLETE_IMAGE:
		return "COMPREPLY=($(compgen -W \"$(uio help --images 2>/dev/null)\" -- \"$cur\") $(compgen -f -- "
		       "\"$cur\"))";
	case COMPLETE_COMMAND:
		return "COMPREPLY=($(compgen -W \"$commands\" -- \"$cur\"))";
	case COMPLETE_NONE:
		break;
	}
	return "COMPREPLY=()";
}

void help_completion(void)
{
	size_t count;
	const struct command *const *all = commands(&count);

	printf("# bash completion for uio; made by 'uio help --completion'\n_uio()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} commands=\"");
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i ? " " : "", all[i]->name);
	printf("\"\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\t%s\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n",
	       complete_action(COMPLETE_COMMAND));
	for (size_t i = 0; i < count; i++) {
		printf("\t%s)\n\t\tcase $prev in\n", all[i]->name);
		for (const struct option_def *o = all[i]->options; o && o->name; o++) {
			if (!o->value)
				continue;
			printf("\t\t--%s", o->name);
			if (o->letter)
				printf("|-%c", o->letter);
			if (o->words)
				printf(") COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return;;\n", o->words);
			else
				printf(") %s; return;;\n", complete_action(o->complete));
		}
		printf("\t\tesac\n\t\tif [[ $cur == -* ]]; then\n\t\t\tCOMPREPLY=($(compgen -W \"--help");
		for (const struct option_def *o = all[i]->options; o && o->name; o++)
			printf(" --%s", o->name);
		printf("\" -- \"$cur\"))\n\t\telse\n\t\t\t%s\n\t\tfi;;\n", complete_action(all[i]->complete));
	}
	printf("\tesac\n}\ncomplete -F _uio uio\n");
}
