/* argdist.h: between tools/argdist.bpf.c and tools/argdist.c: what is looked at, and how it is counted. */
#ifndef TOOLS_ARGDIST_H
#define TOOLS_ARGDIST_H

#define ARGDIST_STEPS  4  /* pointers that are followed */
#define ARGDIST_STRING 64 /* bytes of a string that count */

struct argdist_string {
	char text[ARGDIST_STRING];
};

#endif
