/* signals.c: handlers of the application on uIO. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t seen, seen_signo, depth, max_depth, on_alt;
static siginfo_t last_info;
static sigjmp_buf jump;
static char *alt;
static pthread_t main_thread;

static void note(int signo)
{
	seen++;
	seen_signo = signo;
}

static void note_info(int signo, siginfo_t *info, void *context)
{
	char here;

	note(signo);
	last_info = *info;
	on_alt = &here >= alt && &here < alt + SIGSTKSZ;
}

static void nest(int signo)
{
	depth++;
	if (depth > max_depth)
		max_depth = depth;
	if (signo == SIGUSR1)
		raise(SIGUSR2);
	depth--;
}

static void leave(int signo)
{
	siglongjmp(jump, signo);
}

static void skip_fault(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	note_info(signo, info, context);
	uc->uc_mcontext.gregs[REG_RIP] += 2; /* ud2 */
}

static void set(int signo, void (*fn)(int), int flags)
{
	struct sigaction a = { .sa_handler = fn, .sa_flags = flags };

	sigaction(signo, &a, NULL);
}

static void set_info(int signo, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	sigaction(signo, &a, NULL);
}

static int recurse(int n)
{
	volatile char page[1000];

	page[0] = n;
	return recurse(n + 1) + page[0];
}

static void *kick(void *arg)
{
	usleep(10000);
	pthread_kill(main_thread, (int) (long) arg);
	return NULL;
}

static int pipe_fd[2];
static void *kick_then_write(void *arg)
{
	usleep(10000);
	pthread_kill(main_thread, SIGUSR1);
	usleep(10000);
	write(pipe_fd[1], "x", 1);
	return NULL;
}

static long read_interrupted(int flags, int *ret_errno)
{
	pthread_t t;
	char c = 0;
	long r;

	set(SIGUSR1, note, flags);
	pthread_create(&t, NULL, kick_then_write, NULL);
	errno = 0;
	r = read(pipe_fd[0], &c, 1);
	*ret_errno = errno;
	pthread_join(t, NULL);
	if (r != 1)
		read(pipe_fd[0], &c, 1);
	return r;
}

int main(void)
{
	struct itimerval every = { { 0, 5000 }, { 0, 5000 } }, off = { 0 };
	struct timespec ts = { 1, 0 }, left = { 0 }, short_wait = { 0, 20000000 };
	stack_t stack, old_stack;
	sigset_t set1, old, pending;
	siginfo_t info;
	volatile unsigned long spins = 0;
	volatile double x = 1.5;
	union sigval value = { .sival_int = 42 };
	pthread_t t;
	int r, e;

	main_thread = pthread_self();
	set(SIGUSR1, note, 0);
	raise(SIGUSR1);
	CHECK("raise() runs the handler before it returns", seen == 1 && seen_signo == SIGUSR1);

	sigemptyset(&set1);
	sigaddset(&set1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set1, &old);
	raise(SIGUSR1);
	sigpending(&pending);
	CHECK("a blocked signal stays pending", seen == 1 && sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK("and is delivered when it is unblocked", seen == 2);

	set(SIGUSR1, nest, SA_NODEFER);
	set(SIGUSR2, nest, 0);
	raise(SIGUSR1);
	CHECK("a handler is interrupted by another one", max_depth == 2 && depth == 0);

	set(SIGUSR1, note, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &(struct sigaction){ 0 });
	struct sigaction now;
	sigaction(SIGUSR1, NULL, &now);
	CHECK("SA_RESETHAND gives the default back", seen == 3 && now.sa_handler == SIG_DFL);

	set_info(SIGUSR1, note_info, 0);
	sigqueue(getpid(), SIGUSR1, value);
	CHECK("sigqueue() passes its value", last_info.si_code == SI_QUEUE && last_info.si_value.sival_int == 42);
	kill(getpid(), SIGUSR1);
	CHECK("kill() passes the sender", last_info.si_code == SI_USER && last_info.si_pid == getpid());

	set_info(SIGRTMIN, note_info, 0);
	seen = 0;
	sigemptyset(&set1);
	sigaddset(&set1, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set1, NULL);
	for (int i = 0; i < 3; i++) {
		value.sival_int = i;
		sigqueue(getpid(), SIGRTMIN, value);
	}
	sigprocmask(SIG_UNBLOCK, &set1, NULL);
	CHECK("real-time signals queue in order", seen == 3 && last_info.si_value.sival_int == 2);

	alt = malloc(SIGSTKSZ);
	stack = (stack_t){ .ss_sp = alt, .ss_size = SIGSTKSZ };
	r = sigaltstack(&stack, NULL);
	set_info(SIGUSR1, note_info, SA_ONSTACK);
	raise(SIGUSR1);
	sigaltstack(NULL, &old_stack);
	CHECK("a handler runs on the alternate stack", r == 0 && on_alt && old_stack.ss_sp == alt);
	set_info(SIGUSR1, note_info, 0);
	raise(SIGUSR1);
	CHECK("and without SA_ONSTACK on the ordinary one", !on_alt);

	for (volatile int i = 0; i < 3; i++) {
		set(SIGSEGV, leave, 0);
		if (!(r = sigsetjmp(jump, 1)))
			*(volatile int *) 8 = 1;
		if (r != SIGSEGV)
			break;
	}
	CHECK("longjmp() leaves a SIGSEGV handler, again and again", r == SIGSEGV);
	if (!(r = sigsetjmp(jump, 1))) {
		set(SIGFPE, leave, 0);
		volatile int zero = 0, some = 12;
		seen = some / zero;
	}
	CHECK("a division by zero is SIGFPE", r == SIGFPE);
	set_info(SIGILL, skip_fault, 0);
	seen = 0;
	__asm__ volatile("ud2");
	CHECK("a handler steps over the faulting instruction through its ucontext", seen == 1 && seen_signo == SIGILL);
	set_info(SIGSEGV, note_info, SA_ONSTACK);
	if (!(r = sigsetjmp(jump, 1))) {
		set(SIGSEGV, leave, SA_ONSTACK);
		*(volatile int *) 0x123400000000 = 1;
	}
	CHECK("a fault's handler runs on the alternate stack and may leave it", r == SIGSEGV);

	if (!(r = sigsetjmp(jump, 1)))
		r = recurse(0);
	CHECK("an overflow of the stack is handled on the alternate one", r == SIGSEGV);

	seen = 0;
	set(SIGALRM, note, 0);
	setitimer(ITIMER_REAL, &every, NULL);
	while (seen < 3) {
		spins++;
		x = x * 1.0000001;
		if (x > 2)
			x = 1.5;
	}
	setitimer(ITIMER_REAL, &off, NULL);
	CHECK("an interval timer interrupts a loop that never calls the kernel",
	      seen >= 3 && spins > 100 && x >= 1.5 && x <= 2);

	pthread_create(&t, NULL, kick, (void *) SIGALRM);
	r = nanosleep(&ts, &left);
	e = errno;
	pthread_join(t, NULL);
	CHECK("a signal ends nanosleep() and the rest is told",
	      r == -1 && e == EINTR && left.tv_sec == 0 && left.tv_nsec > 0);

	if (pipe(pipe_fd) == 0) {
		r = read_interrupted(SA_RESTART, &e);
		CHECK("SA_RESTART makes an interrupted read go on", r == 1);
		r = read_interrupted(0, &e);
		CHECK("without it the read fails with EINTR", r == -1 && e == EINTR);
		close(pipe_fd[0]);
		signal(SIGPIPE, SIG_IGN);
		CHECK("a write to a pipe without readers fails with EPIPE",
		      write(pipe_fd[1], "x", 1) == -1 && errno == EPIPE);
	} else
		printf("skip - no pipes: %s\n", strerror(errno));

	sigemptyset(&set1);
	sigaddset(&set1, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set1, &old);
	pthread_create(&t, NULL, kick, (void *) SIGUSR2);
	r = sigwaitinfo(&set1, &info);
	CHECK("sigwaitinfo() takes a signal", r == SIGUSR2 && info.si_signo == SIGUSR2);
	pthread_join(t, NULL);
	CHECK("sigtimedwait() gives up in time", sigtimedwait(&set1, NULL, &short_wait) == -1 && errno == EAGAIN);
	sigaddset(&set1, SIGALRM);
	seen = 0;
	pthread_create(&t, NULL, kick, (void *) SIGALRM);
	sigemptyset(&pending);
	sigprocmask(SIG_BLOCK, &set1, NULL);
	r = sigsuspend(&pending);
	sigprocmask(SIG_SETMASK, NULL, &pending);
	CHECK("sigsuspend() waits with another mask and puts the old one back",
	      r == -1 && errno == EINTR && seen == 1 && sigismember(&pending, SIGALRM));
	pthread_join(t, NULL);
	sigprocmask(SIG_SETMASK, &old, NULL);

	seen = 0;
	alarm(1);
	CHECK("alarm() tells what was left", alarm(0) == 1);
	signal(SIGCHLD, SIG_DFL);
	raise(SIGCHLD);
	raise(SIGWINCH);
	signal(SIGTERM, SIG_IGN);
	raise(SIGTERM);
	CHECK("ignored signals are ignored", 1);
	CHECK("SIGKILL cannot be caught", signal(SIGKILL, note) == SIG_ERR && errno == EINVAL);
	return check_failed;
}
