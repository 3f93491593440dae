/* signal_attacks.c: an overlay program that lies to the kernel about signals, futexes and thread state. Each attempt is
 * made by a child, which may only end itself. Prints a line each; built by plain musl-gcc -static. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define KERNEL 0xffff800000001000UL
#define IMAGE 0x40100000UL
#define NON_CANONICAL 0x0000900000000000UL

static int failed;
static unsigned long target;

static void corrupt(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *r = uc->uc_mcontext.gregs;

	switch (target & 15) {
	case 0: r[REG_RIP] = KERNEL; break;
	case 1: r[REG_RSP] = KERNEL; break;
	case 2: r[REG_RIP] = NON_CANONICAL; break;
	case 3: r[REG_RIP] = IMAGE; break;
	case 4: uc->uc_mcontext.fpregs = (void *) KERNEL; break;
	case 5: uc->uc_mcontext.fpregs = (void *) 0x3ffffff0; break;
	case 6: /* flags: IOPL 3, interrupts off, nested task, virtual-8086, direction */
		r[REG_EFL] = 0x3000 | 0x4000 | 0x20000;
		break;
	case 7: r[REG_CSGSFS] = 0x10002b0008; break;
	case 8: memset(uc->uc_mcontext.fpregs, 0xff, 512 + 64); break;
	case 9: memset((char *) uc->uc_mcontext.fpregs + 512, 0xff, 64); break;
	case 10: ((uint32_t *) uc->uc_mcontext.fpregs)[6] = 0xffffffff; break;
	case 11: memset(&uc->uc_sigmask, 0xff, 8); break;
	}
}

static void sigreturn_with(unsigned long what)
{
	struct sigaction a = { .sa_sigaction = corrupt, .sa_flags = SA_SIGINFO };
	sigset_t now;

	target = what;
	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	_exit(what == 11 && sigismember(&now, SIGKILL) ? 1 : 0);
}

static void bare_sigreturn(unsigned long sp)
{
	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; ud2" ::"r"(sp) : "rax", "memory");
}

static void handler_at(unsigned long at)
{
	struct sigaction a = { .sa_handler = (void (*)(int)) at };

	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	_exit(0);
}

static void noop(int signo)
{
}

static void altstack_at(unsigned long at)
{
	stack_t s = { .ss_sp = (void *) at, .ss_size = 65536 };
	struct sigaction a = { .sa_handler = noop, .sa_flags = SA_ONSTACK };

	sigaltstack(&s, NULL);
	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	_exit(0);
}

static void stack_pointer_at(unsigned long at)
{
	struct sigaction a = { .sa_handler = noop };
	long pid = getpid();

	sigaction(SIGUSR1, &a, NULL);
	__asm__ volatile("mov %%rsp, %%r12; mov %0, %%rsp; syscall; mov %%r12, %%rsp"
			 ::"r"(at), "a"(SYS_kill), "D"(pid), "S"(SIGUSR1) : "rcx", "r11", "r12", "memory");
	_exit(0);
}

static void no_restorer(unsigned long unused)
{
	unsigned long a[4] = { (unsigned long) noop, 0, 0, 0 };

	syscall(SYS_rt_sigaction, SIGUSR1, a, NULL, 8);
	raise(SIGUSR1);
	_exit(0);
}

static void end_with_bad_lists(unsigned long at)
{
	syscall(SYS_set_robust_list, at, 24);
	syscall(SYS_set_tid_address, at);
	_exit(0);
}

static void circular_robust_list(unsigned long unused)
{
	static unsigned long ring[2][3];

	ring[0][0] = (unsigned long) ring[1];
	ring[1][0] = (unsigned long) ring[1];
	ring[0][1] = 8;
	syscall(SYS_set_robust_list, ring[0], 24);
	_exit(0);
}

/* `want`: the signal it must die of; 0: exit status 0; -1: either will do. */
static void attempt(const char *name, void (*fn)(unsigned long), unsigned long arg, int want)
{
	int status = 0, ok;
	pid_t pid = fork();

	if (pid == 0) {
		fn(arg);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		printf("not ok - %s (errno %d)\n", name, errno);
		failed = 1;
		return;
	}
	if (want > 0)
		ok = WIFSIGNALED(status) && WTERMSIG(status) == want;
	else if (want == 0)
		ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	else
		ok = WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
	printf("%s - %s\n", ok ? "ok" : "not ok", name);
	if (!ok) {
		printf("# status %x\n", status);
		failed = 1;
	}
	fflush(stdout);
}

static void refused(const char *name, long r, int want)
{
	int ok = r == -1 && errno == want;

	printf("%s - %s\n", ok ? "ok" : "not ok", name);
	if (!ok) {
		printf("# result %ld errno %d\n", r, errno);
		failed = 1;
	}
	fflush(stdout);
}

int main(void)
{
	const unsigned long bad[] = { KERNEL, IMAGE, NON_CANONICAL, 0x3ffffff8, ~7UL };
	const char *names[] = {"kernel memory", "the image", "a non-canonical address", "the window's end", "the top"};
	char line[120];
	unsigned word = 0;

	attempt("sigreturn to kernel code ends only the program", sigreturn_with, 0, SIGSEGV);
	attempt("sigreturn with a kernel stack ends only the program", sigreturn_with, 1, SIGSEGV);
	attempt("sigreturn to a non-canonical address ends only the program", sigreturn_with, 2, SIGSEGV);
	attempt("sigreturn into the image ends only the program", sigreturn_with, 3, SIGSEGV);
	attempt("vector registers are not loaded from kernel memory", sigreturn_with, 4, SIGSEGV);
	attempt("nor from across the window's end", sigreturn_with, 5, SIGSEGV);
	attempt("sigreturn cannot set IOPL, NT or VM, nor turn interrupts off", sigreturn_with, 6, 0);
	attempt("sigreturn cannot choose segments", sigreturn_with, 7, 0);
	attempt("an FXSAVE image of ones is made safe", sigreturn_with, 8, -1);
	attempt("an XSAVE header of ones is made safe", sigreturn_with, 9, -1);
	attempt("reserved MXCSR bits are dropped", sigreturn_with, 10, -1);
	attempt("SIGKILL cannot be blocked through sigreturn", sigreturn_with, 11, 0);
	attempt("a handler without a restorer is fatal", no_restorer, 0, SIGSEGV);
	attempt("a robust list that never ends is given up", circular_robust_list, 0, 0);
	for (unsigned i = 0; i < 5; i++) {
		snprintf(line, sizeof(line), "sigreturn from a frame in %s is fatal", names[i]);
		attempt(line, bare_sigreturn, bad[i], SIGSEGV);
		snprintf(line, sizeof(line), "a handler in %s is fatal", names[i]);
		attempt(line, handler_at, bad[i], SIGSEGV);
		snprintf(line, sizeof(line), "an alternate stack in %s is fatal", names[i]);
		attempt(line, altstack_at, bad[i], SIGSEGV);
		snprintf(line, sizeof(line), "a stack pointer in %s is fatal at a signal", names[i]);
		attempt(line, stack_pointer_at, bad[i] + 4096, SIGSEGV);
		snprintf(line, sizeof(line), "thread lists in %s are ignored at the end", names[i]);
		attempt(line, end_with_bad_lists, bad[i], 0);
		snprintf(line, sizeof(line), "a futex in %s is EFAULT", names[i]);
		refused(line, syscall(SYS_futex, bad[i], 0, 0, NULL, NULL, 0), EFAULT);
		snprintf(line, sizeof(line), "waking a futex in %s is EFAULT", names[i]);
		if (bad[i] >= 0x40000000)
			refused(line, syscall(SYS_futex, bad[i], 1, 1, NULL, NULL, 0), EFAULT);
		snprintf(line, sizeof(line), "a sleep of a span in %s is EFAULT", names[i]);
		refused(line, syscall(SYS_nanosleep, bad[i] + 4, NULL), EFAULT);
	}
	refused("requeueing to kernel memory is EFAULT", syscall(SYS_futex, &word, 3, 1, 1, KERNEL, 0), EFAULT);
	refused("the TLS base cannot be a kernel address", syscall(SYS_arch_prctl, 0x1002, KERNEL), EPERM);
	refused("the application cannot be signalled without the grant", kill(1, SIGKILL), EPERM);
	refused("nor through its thread", syscall(SYS_tkill, 1, SIGKILL), EPERM);
	refused("nor by sigqueue()", sigqueue(1, SIGTERM, (union sigval){ 0 }), EPERM);
	refused("the clock cannot be set", syscall(SYS_clock_settime, 0, &(long[2]){ 1, 0 }), EPERM);
	refused("the guest cannot be rebooted", syscall(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, NULL), EPERM);
	return failed;
}
