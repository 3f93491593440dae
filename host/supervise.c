/*
 * supervise.c: see supervise.h.
 */
#include "host/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/audit.h"
#include "host/host_clock.h"
#include "host/process.h"

#define START_TIMEOUT_MS	30000
#define POLL_MS			2

/* Words on the link: 'r' QEMU listens; 'f' TEXT it did not start. */

/* The last line that QEMU wrote, as the reason of a failure. The caller frees. */
static char *qemu_said(const struct vm *vm)
{
	char *path = vm_file(vm, "qemu.log");
	char *log, *line = NULL;

	if (file_read(path, &log, NULL) == 0) {
		size_t len = strlen(log);

		while (len > 0 && log[len - 1] == '\n')
			log[--len] = '\0';
		line = strrchr(log, '\n');
		line = xstrdup(line ? line + 1 : log);
		free(log);
	}
	free(path);
	return line ? line : xstrdup("");
}

static int exit_of(const struct vm *vm, int status, char **ret_text)
{
	int code = vm_exit_from_log(vm, ret_text);
	char *said;

	if (code >= 0)
		return code;
	if (WIFSIGNALED(status)) {
		*ret_text =
			xasprintf("QEMU was killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	said = qemu_said(vm);
	if (WEXITSTATUS(status) == 0 && strstr(said, "terminating on signal")) {
		*ret_text = xstrdup("stopped");
		free(said);
		return 128 + SIGTERM;
	}
	if (WEXITSTATUS(status) == 0) {
		*ret_text = xstrdup("the guest reset itself without a last word in the kernel's log");
		free(said);
		return 134;
	}
	*ret_text = xasprintf("QEMU failed with %d%s%s", WEXITSTATUS(status), said[0] ? ": " : "", said);
	free(said);
	return 125;
}

static int open_or_die(char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		_exit(125);
	free(path);
	return fd;
}

static _Noreturn void become_qemu(const struct vm *vm, const struct strv *command, int go)
{
	int log = open_or_die(vm_file(vm, "qemu.log"), O_WRONLY | O_CREAT | O_APPEND);
	int out = open_or_die(vm_file(vm, "console.log"), O_WRONLY | O_CREAT | O_APPEND);
	/* For reading and writing: so there is always a writer, and QEMU never sees its end. */
	int in = open_or_die(vm_socket(vm, "console.in"), O_RDWR);
	sigset_t none;
	char c;

	/* QEMU appends to it; it makes no file for its owner alone. */
	close(open_or_die(vm_file(vm, AUDIT_EVENTS), O_WRONLY | O_CREAT | O_APPEND));

	/* Not before state.json names this process: otherwise nobody would find it again. */
	if (read(go, &c, 1) != 1)
		_exit(125);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	close_range(3, ~0u, 0);
	execvp(command->v[0], command->v);
	dprintf(STDERR_FILENO, "%s: %s\n", command->v[0], strerror(errno));
	_exit(127);
}

static pid_t start_qemu(struct vm *vm, const struct strv *command)
{
	int go[2];
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		become_qemu(vm, command, go[0]);
	}
	close(go[0]);
	if (pid > 0) {
		vm_record_process(vm, "qemu", pid);
		vm_save(vm);
		if (write(go[1], "g", 1) != 1)
			kill(pid, SIGKILL);
	}
	close(go[1]);
	return pid;
}

/* Sockets are for their owner alone; the folder is too, so nobody could come in between. */
static void close_sockets_to_others(const struct vm *vm)
{
	static const char *const files[] = { "shell.sock", "gdb.sock", "ctl.0.sock", "ctl.1.sock",
					     "ctl.2.sock", "ctl.3.sock", "time.sock" };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *path = vm_socket(vm, files[i]);

		chmod(path, 0600);
		free(path);
	}
}

/* True once QEMU listens; false when it has ended instead, with *ret_status. */
static bool wait_ready(const struct vm *vm, pid_t pid, int *ret_status)
{
	char *last = vm_socket(vm, "ctl.3.sock");
	uint64_t start = monotonic_ns();
	bool ready = false;

	while (!(ready = access(last, F_OK) == 0)) {
		if (waitpid(pid, ret_status, WNOHANG) == pid)
			break;
		if (monotonic_ns() - start > START_TIMEOUT_MS * NS_PER_MS)
			kill(pid, SIGKILL);
		sleep_ms(POLL_MS);
	}
	free(last);
	return ready;
}

static _Noreturn void supervisor(struct vm *vm, const struct strv *command, int link)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *text = NULL;
	int status = 0, code;
	pid_t pid;

	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	/* Keep nothing of the caller's open: a pipe or lock of some script would be held for as long as QEMU runs. */
	dup2(link, 3);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	close_range(4, ~0u, 0);
	link = 3;
	fcntl(link, F_SETFD, FD_CLOEXEC);
	vm_record_process(vm, "supervisor", getpid());
	pid = start_qemu(vm, command);
	if (pid < 0)
		_exit(125);
	if (wait_ready(vm, pid, &status)) {
		close_sockets_to_others(vm);
		write_all(link, "r", 1);
		audit_start(vm);
		host_clock_serve(vm);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		audit_stop();
		code = exit_of(vm, status, &text);
		vm_record_exit(vm, code, text);
	} else {
		code = exit_of(vm, status, &text);
		vm_record_exit(vm, code, text);
		write_all(link, "f", 1);
		write_all(link, text, strlen(text));
	}
	_exit(0);
}

int supervise_start(struct vm *vm, const struct strv *command, char **ret_text)
{
	char answer[512], *fifo;
	ssize_t n;
	int link[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) < 0)
		die(125, "socketpair: %s", strerror(errno));
	fifo = vm_socket(vm, "console.in");
	if (mkfifo(fifo, 0600) < 0)
		die(125, "%s: %s", fifo, strerror(errno));
	free(fifo);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(125, "fork: %s", strerror(errno));
	if (pid == 0) {
		close(link[0]);
		supervisor(vm, command, link[1]);
	}
	close(link[1]);
	n = read(link[0], answer, 1);
	if (n == 1 && answer[0] == 'r') {
		close(link[0]);
		return 0;
	}
	n = n == 1 ? recv(link[0], answer, sizeof(answer) - 1, MSG_WAITALL) : 0;
	answer[n > 0 ? n : 0] = '\0';
	*ret_text = xstrdup(n > 0 ? answer : "the supervisor died");
	close(link[0]);
	return -ECHILD;
}
