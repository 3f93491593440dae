/* pure */
/*
 * tok.h: splits a line into words as a shell does, in place. Blanks (space, tab, newline, CR) separate words; '...'
 * keeps everything; "..." keeps everything but a backslash before " \ $ `; elsewhere a backslash keeps the next
 * character. No expansion of any kind.
 */
#ifndef LIB_TOK_H
#define LIB_TOK_H

#include <stddef.h>

/*
 * Takes the next word from *AT, which it advances: 1 and the unquoted, NUL-terminated word in *ret_word (a part of the
 * line); 0 at the end of the line; -EINVAL for an unclosed quote or a backslash at the end.
 */
int tok_next(char **at, char **ret_word);

/*
 * Splits LINE into ARGV, which has room for MAX words and a final null. Returns the number of words; -EINVAL as
 * tok_next(), -E2BIG if there are more than MAX. ARGV's content is undefined after an error.
 */
int tok_split(char *line, char **argv, size_t max);

/* What is wrong with a line, in words for the user, from tok_split()'s error. */
const char *tok_error(int error);

#endif
