/* processes.c: an overlay program that forks, waits, stops and continues. Built by plain musl-gcc -static; what it
 * checks holds on Linux, too. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../guest/check.h"

static volatile sig_atomic_t seen;
static siginfo_t last_info;

static void note(int signo, siginfo_t *info, void *context)
{
	seen++;
	last_info = *info;
}

static void set(int signo, void (*fn)(int, siginfo_t *, void *), int flags)
{
	struct sigaction a = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | flags };

	sigaction(signo, &a, NULL);
}

static pid_t child_that_waits(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static pid_t child_that_spins(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (volatile unsigned long n = 0;; n++)
			;
	return pid;
}

static int stops_and_goes_on(pid_t pid)
{
	int status, ok;

	usleep(20000);
	kill(pid, SIGSTOP);
	ok = waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
	kill(pid, SIGCONT);
	ok &= waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status);
	ok &= waitpid(pid, &status, WNOHANG) == 0;
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGKILL);
	ok &= waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	return ok;
}

static void *pause_forever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void *exit_from_thread(void *arg)
{
	usleep(10000);
	exit(9);
}

static int fork_cycles(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			_exit(i & 127);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != (i & 127))
			return 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	int status, fd[2], value = 1, r;
	struct sysinfo before, after;
	struct rusage ru;
	char c = 0;
	pid_t pid, other;
	int *shared;
	pthread_t t;

	if (argc > 1)
		return !strcmp(argv[1], "again") ? 11 : 12;

	pid = fork();
	if (pid == 0) {
		value = 2;
		_exit(getppid() > 1 ? 3 : 4);
	}
	CHECK("a child's status is waited for",
	      waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	CHECK("its memory is its own", value == 1);
	CHECK("nobody is left to wait for", wait(&status) == -1 && errno == ECHILD);

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared != MAP_FAILED) {
		pid = fork();
		if (pid == 0) {
			*shared = 77;
			_exit(0);
		}
		waitpid(pid, &status, 0);
		CHECK("a shared mapping is shared with children", *shared == 77);
	}

	set(SIGCHLD, note, SA_RESTART);
	pid = fork();
	if (pid == 0)
		_exit(5);
	waitpid(pid, &status, 0);
	CHECK("SIGCHLD tells who ended and how",
	      seen == 1 && last_info.si_pid == pid && last_info.si_code == CLD_EXITED && last_info.si_status == 5);
	set(SIGCHLD, note, SA_NOCLDSTOP | SA_RESTART);
	seen = 0;
	CHECK("a sleeping child is stopped, continued and killed while stopped", stops_and_goes_on(child_that_waits()));
	CHECK("and so is one that never calls the kernel", stops_and_goes_on(child_that_spins()));
	CHECK("SA_NOCLDSTOP leaves only the ends", seen == 2);

	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	if (pid == 0)
		_exit(0);
	CHECK("children of one who ignores SIGCHLD need no waiting", waitpid(pid, &status, 0) == -1 && errno == ECHILD);
	signal(SIGCHLD, SIG_DFL);

	pid = child_that_waits();
	setpgid(pid, pid);
	other = child_that_waits();
	setpgid(other, pid);
	CHECK("a process group is signalled as one",
	      getpgid(other) == pid && kill(-pid, SIGTERM) == 0 && waitpid(-pid, &status, 0) > 0 &&
		      waitpid(-pid, &status, 0) > 0 && WTERMSIG(status) == SIGTERM);
	CHECK("an empty group is ESRCH", kill(-pid, SIGTERM) == -1 && errno == ESRCH);

	r = pipe(fd);
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			usleep(30000);
			c = getppid() == 1 || getppid() == 0 ? 'y' : 'n';
			_exit(write(fd[1], &c, 1) != 1);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK("an orphan goes on without its parent", r == 0 && read(fd[0], &c, 1) == 1 && c == 'y');

	pid = vfork();
	if (pid == 0) {
		execl("/proc/self/exe", "processes", "again", NULL);
		_exit(1);
	}
	CHECK("vfork() and exec run the program again", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 11);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, (char *[]){ "processes", "x", NULL }, environ) == 0)
		CHECK("posix_spawn() does, too", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 12);
	else
		CHECK("posix_spawn() does, too", 0);

	pid = fork();
	if (pid == 0) {
		pthread_create(&t, NULL, pause_forever, NULL);
		pthread_create(&t, NULL, exit_from_thread, NULL);
		pthread_exit(NULL);
	}
	CHECK("exit() in a thread ends them all", waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9);
	pid = fork();
	if (pid == 0) {
		pthread_create(&t, NULL, pause_forever, NULL);
		pause();
	}
	usleep(10000);
	kill(pid, SIGTERM);
	CHECK("a signal ends all threads", waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGTERM);
	pid = fork();
	if (pid == 0) {
		setsid();
		_exit(getsid(0) == getpid() && getpgrp() == getpid() ? 0 : 1);
	}
	CHECK("setsid() makes a session", waitpid(pid, &status, 0) == pid && status == 0);

	fork_cycles(10);
	sysinfo(&before);
	CHECK("200 children come and go", fork_cycles(200));
	sysinfo(&after);
	CHECK("and leave memory as it was", after.freeram + 65536 >= before.freeram && after.procs == before.procs);
	CHECK("their CPU time is counted",
	      getrusage(RUSAGE_CHILDREN, &ru) == 0 && (ru.ru_utime.tv_sec || ru.ru_utime.tv_usec));
	return check_failed;
}
