/*
 * flame.h: a flame graph as SVG, from folded lines. One file for itself: no script, no font, nothing loaded; a frame's
 * whole name and figure are shown while the pointer is over it.
 */
#ifndef HOST_FLAME_H
#define HOST_FLAME_H

#include <stddef.h>
#include <stdint.h>

struct flame_line {
	char *frames; /* "outermost;...;innermost" */
	uint64_t amount;
};

/* The SVG's text, which the caller frees. Sorts the lines; they need not be in any order. */
char *flame_svg(struct flame_line *lines, size_t count, const char *title, const char *unit_name);

#endif
