/*
 * program.h: what the host must know of an ELF program before it pushes it: whether it is static, and which symbols it
 * leaves undefined. The file may be anything; libelf does the parsing.
 */
#ifndef HOST_PROGRAM_H
#define HOST_PROGRAM_H

#include <stdbool.h>

#include "host/util.h"

enum program_kind {
	PROGRAM_NOT_ELF,	/* or not one for x86-64, or no program */
	PROGRAM_DYNAMIC,	/* needs shared libraries */
	PROGRAM_STATIC,
};

enum program_kind program_kind(const char *path);

/* Appends the names of the undefined symbols; weak ones with a leading '?'. Returns 0 or -EINVAL. */
int program_undefined(const char *path, struct strv *names);

#endif
