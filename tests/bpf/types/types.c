/* types.c: every sort of type that C has, for tests/bpf/run-types.sh; check.c knows their layout. */
#include <stdbool.h>
#include <stdint.h>

enum small { SMALL_A, SMALL_B = 7 };
enum negative { NEGATIVE = -5, POSITIVE = 5 };
enum wide { WIDE = 0x123456789abcLL, WIDE_NEGATIVE = -2 };
enum large { LARGE = 0xffffffffu };

struct declared_only;
struct node;
typedef struct {
	struct node *next;
	int (*visit)(struct node *node, const char *format, ...);
} link_t;

struct bits {
	uint32_t a : 3, b : 7;
	int32_t c : 5;
	uint64_t d : 40, e : 24;
	bool f : 1;
};

union word {
	uint64_t whole;
	struct {
		uint32_t low, high;
	};
	uint8_t bytes[8];
};

struct node {
	link_t link;
	struct declared_only *elsewhere;
	volatile const char *restrict name;
	int grid[2][3][4];
	union word word;
	struct {
		short x, y;
		union {
			float f;
			int32_t i;
		};
	};
	enum small small;
	enum wide wide;
	enum negative negative;
	enum large large;
	struct bits bits;
	long double ld;
	_Complex double z;
	_Atomic int counter;
	char text[16];
	double tail[];
} node;

int tag(struct node *n, struct bits b)
{
	struct local {
		int in_a_function;
	} l = {(int)b.a};

	return n->grid[1][2][3] + l.in_a_function;
}
