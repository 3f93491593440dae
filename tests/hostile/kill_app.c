/* kill_app.c: sends signals to the application and to everything it can think of, and changes the application's limits,
 * priority and group. Only itself may be hit. */
#include "hostile.h"

#include <sched.h>
#include <sys/resource.h>

static void must_fail(const char *what, long r)
{
	if (r != -1)
		ESCAPED("%s gives %ld", what, r);
}

int main(void)
{
	static const int signals[] = { 1, 2, 9, 11, 15, 17, 19, 20, 34 };
	struct rlimit none = { 0, 0 };
	struct sched_param param = { 0 };
	siginfo_t info = { .si_code = -1 };
	char mask[8] = { 0 };
	int fd;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		must_fail("kill(1)", kill(1, signals[i]));
		must_fail("kill(-1)", kill(-1, signals[i]));
		must_fail("tgkill(1, 1)", syscall(SYS_tgkill, 1, 1, signals[i]));
		must_fail("tkill(1)", syscall(SYS_tkill, 1, signals[i]));
		must_fail("rt_sigqueueinfo(1)", syscall(SYS_rt_sigqueueinfo, 1, signals[i], &info));
		must_fail("rt_tgsigqueueinfo(1, 1)", syscall(SYS_rt_tgsigqueueinfo, 1, 1, signals[i], &info));
		for (int tid = 2; tid < 12; tid++)
			if (tid != getpid() && tid != getppid()) {
				syscall(SYS_tkill, tid, signals[i]);
				syscall(SYS_tgkill, 1, tid, signals[i]);
			}
	}
	must_fail("killpg(1)", kill(-getpgid(1), 9));
	must_fail("prlimit64(1)", syscall(SYS_prlimit64, 1, 7, &none, NULL));
	must_fail("setpriority(1)", setpriority(PRIO_PROCESS, 1, 19));
	must_fail("sched_setaffinity(1)", syscall(SYS_sched_setaffinity, 1, 8, mask));
	must_fail("sched_setscheduler(1)", sched_setscheduler(1, SCHED_OTHER, &param));
	must_fail("setpgid(1)", setpgid(1, 0));
	must_fail("setpgid into 1", setpgid(0, 1));
	must_fail("ptrace(1)", syscall(SYS_ptrace, 16, 1, 0, 0));
	fd = syscall(434 /* pidfd_open */, 1, 0);
	if (fd >= 0)
		must_fail("pidfd_send_signal", syscall(424, fd, 9, NULL, 0));
	return hostile_escaped;
}
