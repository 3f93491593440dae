/* target.c: the application whose guest the programs here run in: types and variables with known contents, and functions
 * that are called some times a second with known arguments. */
#include <stdio.h>
#include <time.h>

#define NOINLINE __attribute__((noinline, noipa))

enum colour { RED = 3, GREEN = 9, GONE_LATER = 1000 };

struct part {
	long before;
	struct {
		short a;
		union {
			int number;
			char bytes[4];
		};
	};
};

typedef struct {
	int width, height;
} area_t;

struct subject {
	char pad[40];
	long first;
	struct part part;
	int grid[3][4];
	struct subject *next;
	const char *name;
	unsigned three : 3;
	int five : 5;
	unsigned long wide : 33;
	enum colour colour;
	area_t area;
	unsigned short narrow;
	char text[16];
};

volatile const int answer = 42;
struct subject second = {.first = 200, .name = "second"};
struct subject subject = {
	.first = 100,
	.part = {.before = 1, .a = 2, .number = 0x01020304},
	.grid = {{0, 1, 2, 3}, {10, 11, 12, 13}, {20, 21, 22, 23}},
	.next = &second,
	.name = "subject",
	.three = 5,
	.five = -7,
	.wide = 0x123456789,
	.colour = GREEN,
	.area = {640, 480},
	.narrow = 0xfedc,
	.text = "fifteen letters",
};

NOINLINE long inner_tick(const struct subject *s, long n)
{
	__asm__ volatile("");
	return s->first + n;
}

NOINLINE long tick(const struct subject *s, long n, const char *text)
{
	long r = inner_tick(s, n) + (text[0] == 0) + answer - 42;

	__asm__ volatile("");
	return r;
}

int main(void)
{
	struct timespec pause = {0, 20000000};

	puts("ready");
	fflush(stdout);
	for (;;) {
		tick(&subject, 7, "hello");
		nanosleep(&pause, NULL);
	}
}
