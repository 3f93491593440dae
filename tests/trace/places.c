/*
 * places.c: functions whose first instructions are of every kind that matters to a probe by a jump (trace/site.h). For
 * each line of standard input each of them is called a known number of times; the line of results must stay the same.
 * A line "stand" instead: interrupts will find the thread in the middle of staying()'s first bytes until the next line
 * comes; "come and go": they will, or it passes there all the time. "jump": setjmp() returns twice.
 * "hot": they find it there until a breakpoint is there, and from then on it is called all the time.
 * "overflow": a stack is used up, and a handler on another ends that.
 */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, noipa))
#define ROOM	 (8 << 20) /* nearly all time goes into filling it */

/* As long as a function has to be. */
#define STEP	 x = (x << 1 ^ a) + 3;
#define STEPS(S) S S S S S S S S S S S S S S S S
NOINLINE long with_nop(long a)
{
	volatile long x = 0;

	STEPS(STEP) STEPS(STEP)
	return (x & 0) + a + 1;
}
NOINLINE long without_nop(long a)
{
	return a * 5;
}

NOINLINE long moved(long a, long b)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", a * b);
	return atol(text);
}

/* Keeps what it has below the stack pointer. */
NOINLINE long red_zone(long a)
{
	volatile long x[8];

	for (int i = 0; i < 8; i++)
		x[i] = a + i;
	return x[0] + x[7];
}

NOINLINE long inner(long n)
{
	return n * 3;
}
NOINLINE long outer(long n)
{
	return inner(n) + inner(n + 1);
}

long (*volatile next)(long n);
NOINLINE long deep(long n)
{
	return n <= 1 ? 1 : n + next(n - 1);
}

/* Flags that the second instruction needs; a loop to the second instruction; a jump to it from far away; one through a
 * table; nothing but a return; a call in the first bytes; a conditional jump in them; a long stay in them. */
long flags(long a), loop(long n), from_far(long n), by_table(long n), tiny(long n), tiny_neighbour(long n), calls(long n);
long branches(long n), far_away(long n);
void *staying(void *to, long unused, long unused2, size_t n);
__asm__(".text\n"
	".macro function name\n.globl \\name\n.type \\name, @function\n\\name:\n.endm\n"
	"function flags\n test %rdi, %rdi\n setz %al\n movzbl %al, %eax\n ret\n.size flags, . - flags\n"
	"function loop\n xor %eax, %eax\n1: add %rdi, %rax\n dec %rdi\n jnz 1b\n ret\n.size loop, . - loop\n"
	"function from_far\n xor %eax, %eax\n.Linner: add %rdi, %rax\n add $1, %rax\n ret\n.size from_far, . - from_far\n"
	"function by_table\n xor %eax, %eax\n.Lcase: inc %rax\n cmp $5, %rax\n je 2f\n xor %ecx, %ecx\n jmp *.Ltable(, %rcx, 8)\n"
	"2: ret\n.size by_table, . - by_table\n"
	"function tiny\n mov %edi, %eax\n ret\n.size tiny, . - tiny\n"
	"function tiny_neighbour\n lea 1(%rdi), %rax\n ret\n.size tiny_neighbour, . - tiny_neighbour\n"
	"function calls\n push %rbx\n call tiny\n add $1, %rax\n pop %rbx\n ret\n.size calls, . - calls\n"
	"function branches\n test %edi, %edi\n jz 3f\n mov $7, %eax\n ret\n3: mov $8, %eax\n ret\n.size branches, . - branches\n"
	/* The long instruction is at offset 1. */
	"function staying\n push %rdi\n rep stosb\n nop\n nop\n pop %rax\n ret\n.size staying, . - staying\n"
	/* As compilers name the part of a function that they put elsewhere. */
	"function tiny.cold\n mov %edi, %eax\n ret\n.size tiny.cold, . - tiny.cold\n"
	".section .text.unlikely.far, \"ax\", @progbits\n"
	"function far_away\n xor %eax, %eax\n .byte 0xe9\n .long .Linner - . - 4\n.size far_away, . - far_away\n"
	".section .rodata.table, \"a\", @progbits\n.balign 8\n.Ltable: .quad .Lcase\n.text\n");

/* Until there is something to read. */
static void stand(int passes)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	static char room[ROOM];

	puts("standing");
	do {
		/* rcx, the fourth argument, counts; al is what is stored. */
		if (staying(room, 0, 0, ROOM) != room)
			puts("wrong");
		for (int i = 0; i < passes; i++)
			if (staying(room, 0, 0, 1) != room)
				puts("wrong");
	} while (poll(&in, 1, 0) == 0);
	puts("stood");
}

/* The same, but as soon as a breakpoint is in staying() it does little else than handle that. */
static void hot(void)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	static char room[ROOM];

	puts("standing");
	while (poll(&in, 1, 0) == 0) {
		int breakpoint = *(volatile unsigned char *)(size_t)staying == 0xcc;

		for (int i = 0; i < (breakpoint ? 500 : 1); i++)
			if (staying(room, 0, 0, breakpoint ? 1 : ROOM) != room)
				puts("wrong");
	}
	puts("stood");
}

static void twice(void)
{
	static jmp_buf place;

	if (setjmp(place) == 0)
		longjmp(place, 1);
	puts("twice");
}

static sigjmp_buf back;

static void used_up(int signo)
{
	siglongjmp(back, signo);
}

long (*volatile further)(long n);
NOINLINE long without_end(long n)
{
	return further(n + 1) + 1;
}

static void *overflow(void *unused)
{
	static char other[1 << 16];
	stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
	struct sigaction action = {.sa_handler = used_up, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	further = without_end;
	if (sigsetjmp(back, 1) == 0)
		without_end(0);
	puts("used up");
	return unused;
}

static void thread_overflows(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, overflow, NULL) == 0)
		pthread_join(thread, NULL);
}

int main(void)
{
	char line[64];

	setvbuf(stdout, NULL, _IONBF, 0);
	next = deep;
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "stand\n"))
			stand(0);
		else if (!strcmp(line, "come and go\n"))
			stand(5000);
		else if (!strcmp(line, "hot\n"))
			hot();
		else if (!strcmp(line, "jump\n"))
			twice();
		else if (!strcmp(line, "overflow\n"))
			thread_overflows();
		else
			printf("%ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld %ld\n", with_nop(1), moved(6, 7), red_zone(10),
			       outer(5), deep(10), flags(0), loop(4), from_far(3), far_away(3), by_table(0), tiny(9),
			       tiny_neighbour(9), calls(20), branches(0) + branches(1) + without_nop(0));
	}
	return 0;
}
