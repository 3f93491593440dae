/* clocks.c: time, identity and limits as the application sees them on uIO. */
#include <grp.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return -1;
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

int main(void)
{
	struct timespec ts = { 0, 30000000 }, bad = { 0, 1000000000 };
	struct timeval tv;
	struct utsname u;
	struct sysinfo si;
	struct rlimit rl;
	struct rusage ru;
	struct tms tms;
	cpu_set_t cpus;
	char name[17] = "", a[32] = "", b[32] = "";
	volatile unsigned spins = 0;
	int64_t t0, t1, last, steps = 1;

	t0 = now(CLOCK_MONOTONIC);
	nanosleep(&ts, NULL);
	t1 = now(CLOCK_MONOTONIC);
	CHECK("nanosleep() sleeps at least as long as asked", t1 - t0 >= 30000000);
	CHECK("and not for ever", t1 - t0 < 1000000000);
	CHECK("an invalid span is EINVAL", nanosleep(&bad, NULL) == -1 && errno == EINVAL);
	last = now(CLOCK_MONOTONIC);
	for (int i = 0; i < 1000; i++) {
		t1 = now(CLOCK_MONOTONIC);
		steps &= t1 >= last;
		last = t1;
	}
	CHECK("monotonic time never steps back", steps);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_sec++, ts.tv_nsec -= 1000000000;
	CHECK("clock_nanosleep() sleeps until a point in time",
	      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == 0 &&
		      now(CLOCK_MONOTONIC) >= ts.tv_sec * 1000000000LL + ts.tv_nsec);
	gettimeofday(&tv, NULL);
	CHECK("the wall clock is after 2020 and agrees with itself",
	      tv.tv_sec > 1577836800 && llabs(now(CLOCK_REALTIME) / 1000000000 - tv.tv_sec) <= 1 &&
		      labs(time(NULL) - tv.tv_sec) <= 1);
	t0 = now(CLOCK_PROCESS_CPUTIME_ID);
	t1 = now(CLOCK_MONOTONIC);
	while (now(CLOCK_MONOTONIC) - t1 < 20000000)
		spins++;
	t1 = now(CLOCK_PROCESS_CPUTIME_ID);
	CHECK("a busy process uses CPU time", t1 - t0 > 5000000);
	usleep(30000);
	CHECK("a sleeping one uses little", now(CLOCK_PROCESS_CPUTIME_ID) - t1 < 15000000);
	CHECK("the thread's clock runs too", now(CLOCK_THREAD_CPUTIME_ID) > 0);
	CHECK("boot time, raw and coarse clocks are there", now(CLOCK_BOOTTIME) > 0 && now(CLOCK_MONOTONIC_RAW) > 0 &&
								    now(CLOCK_MONOTONIC_COARSE) > 0 &&
								    now(CLOCK_REALTIME_COARSE) > 0);
	CHECK("an unknown clock is EINVAL", clock_gettime(99, &ts) == -1 && errno == EINVAL);
	CHECK("clock_getres() answers", clock_getres(CLOCK_MONOTONIC, &ts) == 0 && ts.tv_sec == 0 && ts.tv_nsec > 0);
	CHECK("times() and getrusage() answer", times(&tms) != -1 && getrusage(RUSAGE_SELF, &ru) == 0);
	t1 = time(NULL);
	tv = (struct timeval){ 1000000000, 0 };
	/* The same file runs as an overlay program. */
	if (getpid() == 1) {
		CHECK("the application may set the clock",
		      settimeofday(&tv, NULL) == 0 && labs(time(NULL) - 1000000000) <= 1);
		tv.tv_sec = t1;
		settimeofday(&tv, NULL);
		CHECK("the application is process 1", getppid() == 0 && getpgrp() == 1 && getsid(0) == 1);
	} else {
		CHECK("a program may not set the clock", settimeofday(&tv, NULL) == -1 && errno == EPERM);
		CHECK("a program is no process 1", getpid() > 1 && getsid(0) > 1);
	}
	CHECK("it is root and stays root",
	      getuid() == 0 && setuid(0) == 0 && setuid(5) == -1 && getgroups(0, NULL) == 0);
	CHECK("uname() says Linux on x86_64",
	      uname(&u) == 0 && !strcmp(u.sysname, "Linux") && !strcmp(u.machine, "x86_64"));
	CHECK("sysinfo() counts memory",
	      sysinfo(&si) == 0 && si.totalram > si.freeram && si.freeram > 0 && si.procs >= 1);
	CHECK("limits can be read and lowered", getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur >= 256 &&
							(rl.rlim_cur = 200, setrlimit(RLIMIT_NOFILE, &rl) == 0) &&
							getrlimit(RLIMIT_NOFILE, &rl) == 0 && rl.rlim_cur == 200);
	CHECK("getrandom() gives different bytes",
	      getrandom(a, sizeof(a), 0) == 32 && getrandom(b, sizeof(b), 0) == 32 && memcmp(a, b, 32));
	CHECK("a thread can be named",
	      prctl(PR_SET_NAME, "tester") == 0 && prctl(PR_GET_NAME, name) == 0 && !strcmp(name, "tester"));
	CHECK("the affinity is the one CPU", sched_getaffinity(0, sizeof(cpus), &cpus) == 0 && CPU_COUNT(&cpus) == 1);
	CHECK("a call that does not exist is ENOSYS", quotactl(0, NULL, 0, NULL) == -1 && errno == ENOSYS);
	return check_failed;
}
