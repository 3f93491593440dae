/*
 * unwinds.c: what run-unwinder.sh drives: calls that do not return where they came from, and an unwinder. A line of standard
 * input says what to do:
 *
 *	backtrace	says how many frames there are from the innermost of outer(), middle(), inner() up to main()
 *	unwind N	N times an exception in inner(), ended in outer()'s caller; says how many cleanups were run
 *	jump N		N times longjmp() out of a recursion, each of another depth
 *	ends N		N threads that end in the middle of a recursion
 *	window N	N calls that return to a page of the stack that is the last one there, while a signal comes whose
 *			handler, on a stack of its own, makes more calls than there are records of, or a backtrace
 *	calls N		N calls that return, and of a function that takes arguments off the stack
 *	quit
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unwind.h>

#define NOINLINE __attribute__((noinline, noipa))
#define DEPTH	 50

static int what, frames, seen_main, cleanups;
static jmp_buf back;
static struct _Unwind_Exception exception;

int main(void);

/*
 * What libgcc asks for the call frame information of an address, when it is built for glibc (2.35): here all that the image
 * has, from this file's on, without an index. (Linux Standard Base, ".eh_frame_hdr"; 0xff: there is none.)
 */
extern const char all_frames[];
__asm__(".section .eh_frame, \"a\", @progbits\nall_frames:\n.text\n");
static struct __attribute__((packed)) {
	unsigned char version, pointer_encoding, count_encoding, table_encoding;
	const char *frames;
} header = {1, 0, 0xff, 0xff, all_frames};

struct found {
	unsigned long long flags;
	char *from, *to;
	void *map, *header;
	unsigned long long unused[7];
};

int _dl_find_object(char *pc, struct found *ret)
{
	/* The image; behind it is the loaded part. */
	if (pc < (char *)0x40000000 || pc >= (char *)0x7c000000)
		return -1;
	*ret = (struct found){.from = (char *)0x40000000, .to = (char *)0x7c000000, .header = &header};
	return 0;
}

static _Unwind_Reason_Code count(struct _Unwind_Context *c, void *unused)
{
	frames++;
	seen_main = _Unwind_GetRegionStart(c) == (_Unwind_Ptr)main;
	return seen_main ? _URC_END_OF_STACK : _URC_NO_REASON;
}

/* The exception ends in main(). */
static _Unwind_Reason_Code stop(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
				struct _Unwind_Exception *e, struct _Unwind_Context *c, void *unused)
{
	if (actions & _UA_END_OF_STACK)
		longjmp(back, 2);
	if (_Unwind_GetRegionStart(c) == (_Unwind_Ptr)main)
		longjmp(back, 1);
	return _URC_NO_REASON;
}

static void clean(int *unused)
{
	cleanups++;
}

NOINLINE long leaf(long n)
{
	__asm__ volatile("");
	return n + 1;
}

NOINLINE long inner(long n)
{
	if (what == 'b')
		_Unwind_Backtrace(count, NULL);
	else if (what == 'u')
		_Unwind_ForcedUnwind(&exception, stop, NULL);
	return leaf(n) + 1;
}

NOINLINE long middle(long n)
{
	__attribute__((cleanup(clean))) int here = 0;

	__asm__ volatile("" : : "r"(&here));
	return inner(n) + 1;
}

NOINLINE long outer(long n)
{
	__attribute__((cleanup(clean))) int here = 0;

	__asm__ volatile("" : : "r"(&here));
	return middle(n) + 1;
}

/* Takes two arguments off the stack. */
long call_takes_off(long n), takes_off(long n);
__asm__(".text\n.globl call_takes_off, takes_off\n.type call_takes_off, @function\n.type takes_off, @function\n"
	"call_takes_off: push %rdi\n push %rdi\n call takes_off\n ret\n.size call_takes_off, . - call_takes_off\n"
	"takes_off: lea 1(%rdi), %rax\n nop\n ret $16\n.size takes_off, . - takes_off\n");

/* brief(n) with the stack pointer at sp before the call. */
long call_at(char *sp, long n), brief(long n);
__asm__(".text\n.globl call_at, brief\n.type call_at, @function\n.type brief, @function\n"
	"call_at: push %rbx\n mov %rsp, %rbx\n mov %rdi, %rsp\n mov %rsi, %rdi\n call brief\n mov %rbx, %rsp\n pop %rbx\n ret\n"
	".size call_at, . - call_at\n"
	"brief: lea 1(%rdi), %rax\n nop\n nop\n ret\n.size brief, . - brief\n");

NOINLINE long deep(long n)
{
	volatile long k = n;

	return n ? deep(n - 1) + (k != 0) : 0;
}

#define MANY 1200 /* trace/returns.c: RETURNS */
static volatile long handled, handled_wrong;

static _Unwind_Reason_Code first_only(struct _Unwind_Context *c, void *unused)
{
	return _URC_END_OF_STACK;
}

static void alarmed(int signo)
{
	if (handled++ & 1)
		handled_wrong += _Unwind_Backtrace(first_only, NULL) == _URC_NO_REASON;
	else
		handled_wrong += deep(MANY) != MANY;
}

/* The page below the return address is not there, so on the way back a page fault makes it likelier that a signal comes. */
static long window(long n)
{
	enum { SIZE = 1 << 20, GONE = 16384 };
	static char other[1 << 20];
	char *page = (char *)mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + SIZE / 2;
	stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
	struct sigaction action = {.sa_handler = alarmed, .sa_flags = SA_ONSTACK | SA_RESTART};
	struct itimerval often = {{0, 1500}, {0, 1500}}, never = {{0, 0}, {0, 0}};
	long wrong = 0;

	sigaltstack(&stack, NULL);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (long i = 0; i < n; i++) {
		madvise(page - GONE, GONE, MADV_DONTNEED);
		wrong += call_at(page + 8, i) != i + 1;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	return wrong + handled_wrong + !handled;
}

long (*volatile next)(long n);
NOINLINE long down(long n)
{
	if (n == 0 && what == 'j')
		longjmp(back, 1);
	if (n == 0)
		pthread_exit(NULL);
	return next(n - 1) + 1;
}

static void *ends(void *arg)
{
	down(DEPTH);
	return arg;
}

int main(void)
{
	char line[64], word[16];

	setvbuf(stdout, NULL, _IONBF, 0);
	next = down;
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		volatile long n = 0, i, wrong = 0;

		if (sscanf(line, "%15s %ld", word, (long *)&n) < 1)
			continue;
		what = word[0];
		if (what == 'q')
			break;
		frames = seen_main = cleanups = 0;
		if (what == 'w') {
			printf("window %ld %d %ld\n", n, cleanups, window(n));
			continue;
		}
		if (what == 'b') {
			wrong = outer(1) != 5;
			/* count() is not called for _Unwind_Backtrace() itself. */
			printf("backtrace %s %d %ld\n", seen_main ? "main" : "lost", frames >= 4, wrong);
			continue;
		}
		for (i = 0; i < n; i++) {
			pthread_t t;

			if (what == 'u' && (wrong = setjmp(back)) == 0)
				outer(1);
			if (what == 'u' && wrong != 1)
				break;
			if (what == 'j' && setjmp(back) == 0)
				down(i % DEPTH);
			if (what == 'e' && pthread_create(&t, NULL, ends, NULL) == 0)
				pthread_join(t, NULL);
			if (what == 'c')
				wrong += outer(i) != i + 4 || call_takes_off(i) != i + 1;
		}
		printf("%s %ld %d %ld\n", word, (long)i, cleanups, (long)wrong);
	}
	return 0;
}
