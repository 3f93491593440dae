/* target.c: what the tests of trace/ probe: functions that are called a known number of times for each line of standard
 * input: recursive ones, ones that start with odd instructions, ones that jump into each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noipa))

struct pair {
	long a, b;
};

NOINLINE long add(long a, long b)
{
	__asm__ volatile("");
	return a + b;
}

/* Stays recursive. */
long (*volatile next)(long n);
NOINLINE long factorial(long n)
{
	return n <= 1 ? 1 : n * next(n - 1);
}

/* Uses its red zone, which a probe must leave alone. */
NOINLINE long leaf(const struct pair *p)
{
	volatile long x[8];

	for (int i = 0; i < 8; i++)
		x[i] = p->a * i;
	return x[7] + add(0, 0) * 0 + p->b;
}

NOINLINE long tail(long n)
{
	return add(n, 1000);
}

/* Starts with a relative jump, a call, an access relative to the instruction. */
long odd_jump(long n), odd_call(long n), odd_rip(long n), odd_branch(long n);
long cell = 7;
__asm__(".text\n"
	".globl odd_jump, odd_call, odd_rip, odd_branch\n"
	".type odd_jump, @function\n.type odd_call, @function\n.type odd_rip, @function\n.type odd_branch, @function\n"
	"odd_jump: jmp 1f\n ud2\n1: lea 1(%rdi), %rax\n ret\n.size odd_jump, . - odd_jump\n"
	"odd_call: call 2f\n add $1, %rax\n ret\n2: lea 10(%rdi), %rax\n ret\n.size odd_call, . - odd_call\n"
	"odd_rip: mov cell(%rip), %rax\n add %rdi, %rax\n ret\n.size odd_rip, . - odd_rip\n"
	"odd_branch: jrcxz 3f\n3: test %rdi, %rdi\n jz 4f\n mov $1, %eax\n ret\n4: xor %eax, %eax\n ret\n"
	".size odd_branch, . - odd_branch\n");

NOINLINE double vector(double a, double b)
{
	return a * b + 0.5;
}

int main(void)
{
	struct pair p = {3, 4};
	char line[64];

	setvbuf(stdout, NULL, _IONBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		long n = atol(line);

		if (!strncmp(line, "quit", 4))
			break;
		cell = 7;
		next = factorial;
		for (long i = 0; i < n; i++)
			add(i, 1);
		printf("%ld %ld %ld %ld %ld %ld %ld %ld %.1f\n", n, factorial(6), leaf(&p), tail(1), odd_jump(1),
		       odd_call(1), odd_rip(1), odd_branch(1), vector(2, 3));
	}
	return 0;
}
