/* image.h: target.c's types as somebody else knows them: fewer members, in another order, of other sizes. */
#ifndef TESTS_BPF_IMAGE_H
#define TESTS_BPF_IMAGE_H

#include "guest.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
enum colour { RED = 1, GREEN = 2 };
struct part {
	struct {
		union {
			char bytes[4];
			int number;
		};
		short a;
	};
};
typedef struct {
	int height;
} area_t;
struct subject {
	char text[16];
	const char *name;
	int grid[3][4];
	unsigned long wide : 33;
	int five : 5;
	unsigned three : 3;
	struct subject *next;
	struct part part;
	enum colour colour;
	area_t area;
	unsigned long narrow;
	long first;
};
#pragma clang attribute pop

extern const char subject __ksym;
#define SUBJECT ((struct subject *)&subject)

#endif
