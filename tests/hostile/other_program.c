/* other_program.c: against another program that runs beside it (neighbour.c): its memory, descriptors, threads and terminal. */
#include "hostile.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/uio.h>

#define SECRET 0x20000000UL /* where neighbour.c has its pattern */

static void must_fail(const char *what, long r)
{
	if (r != -1)
		ESCAPED("%s gives %ld", what, r);
}

static int find(void)
{
	char path[64], name[32];
	DIR *d = opendir("/proc");
	struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d))) {
		int pid = atoi(e->d_name), fd, n;

		snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		fd = pid > 1 ? open(path, O_RDONLY) : -1;
		n = fd < 0 ? 0 : read(fd, name, sizeof(name) - 1);
		if (n > 0 && !strncmp(name, "neighbour", 9))
			found = pid;
		close(fd);
	}
	return found;
}

static void files(int pid)
{
	static const char *const names[] = { "mem", "fd/0", "fd/3", "fd/4", "fd/5", "fd/6", "task/%d/mem", "map_files", "clear_refs", "comm" };
	char path[80], buf[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd, n;

		snprintf(path, sizeof(path), "/proc/%d/", pid);
		snprintf(path + strlen(path), 40, names[i], pid);
		fd = open(path, O_RDWR | O_NONBLOCK);
		if (fd < 0)
			fd = open(path, O_RDONLY | O_NONBLOCK);
		if (fd < 0)
			continue;
		n = i == 0 || i == 6 ? pread(fd, buf, 8, SECRET) : read(fd, buf, sizeof(buf));
		if (n > 0 && memmem(buf, n, "secret", 6))
			ESCAPED("%s: read the neighbour's secret", path);
		if (pwrite(fd, "stolen", 6, i == 0 ? SECRET : 0) > 0 || write(fd, "stolen", 6) > 0)
			ESCAPED("%s: written", path);
		close(fd);
	}
}

int main(void)
{
	static const int signals[] = { 1, 2, 9, 15, 18, 19, 23, 34 };
	int pid = find(), fd;
	struct rlimit none = { 0, 0 };
	struct sched_param param = { 0 };
	siginfo_t info = { .si_code = -1 };
	char byte[8];
	struct iovec local = { byte, 8 }, remote = { (void *) SECRET, 8 };

	if (!pid) {
		printf("no neighbour\n");
		return 99;
	}
	files(pid);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		must_fail("kill", kill(pid, signals[i]));
		must_fail("kill of its group", kill(-pid, signals[i]));
		must_fail("tkill", syscall(SYS_tkill, pid, signals[i]));
		must_fail("tgkill", syscall(SYS_tgkill, pid, pid, signals[i]));
		must_fail("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, pid, signals[i], &info));
		must_fail("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, pid, pid, signals[i], &info));
	}
	must_fail("process_vm_readv", syscall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0));
	must_fail("process_vm_writev", syscall(SYS_process_vm_writev, pid, &local, 1, &remote, 1, 0));
	must_fail("ptrace", syscall(SYS_ptrace, 16, pid, 0, 0));
	must_fail("prlimit64", syscall(SYS_prlimit64, pid, 7, &none, NULL));
	must_fail("setpriority", setpriority(PRIO_PROCESS, pid, 19));
	must_fail("sched_setscheduler", sched_setscheduler(pid, SCHED_OTHER, &param));
	must_fail("setpgid", setpgid(pid, 0));
	must_fail("setpgid into its group", setpgid(0, pid));
	must_fail("wait4", syscall(SYS_wait4, pid, NULL, 0, NULL));
	fd = syscall(434 /* pidfd_open */, pid, 0);
	if (fd >= 0)
		for (int i = 0; i < 16; i++)
			must_fail("pidfd_getfd", syscall(438, fd, i, 0));
	/* A signal by way of a descriptor's owner. */
	fd = open("/tmp/other_program", O_RDWR | O_CREAT, 0600);
	fcntl(fd, F_SETOWN, pid);
	fcntl(fd, F_SETSIG, 9);
	fcntl(fd, F_SETFL, O_ASYNC);
	unlink("/tmp/other_program");
	printf("the neighbour (pid %d) refused all\n", pid);
	return hostile_escaped;
}
