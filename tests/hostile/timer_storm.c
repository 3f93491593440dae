/* timer_storm.c: interval timers of a microsecond in many processes that sleep: interrupts for which nobody runs, and so
 * nobody's share is charged. The application's answers tell whether it still gets the CPU. */
#include "hostile.h"
#include <sys/time.h>

#define PROCESSES 40
#define SECONDS 4

int main(void)
{
	const struct itimerval every = { { 0, 1 }, { 0, 1 } };
	struct itimerval got;
	sigset_t all;

	sigfillset(&all);
	for (int i = 0; i < PROCESSES; i++) {
		if (fork())
			continue;
		sigprocmask(SIG_SETMASK, &all, NULL);
		if (setitimer(ITIMER_REAL, &every, NULL))
			_exit(1);
		getitimer(ITIMER_REAL, &got);
		if (got.it_interval.tv_sec == 0 && got.it_interval.tv_usec < 1000)
			ESCAPED("an interrupt every %d us", (int) got.it_interval.tv_usec);
		sleep(SECONDS);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return held("40 timers of a microsecond");
}
