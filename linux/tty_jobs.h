/* tty_jobs.h: job control (POSIX, General Terminal Interface, 11.1). */
#ifndef UIO_LINUX_TTY_JOBS_H
#define UIO_LINUX_TTY_JOBS_H

/* Gives terminals their process groups and signals, and the application's console the choice of being one
 * (uio.tty=1). Called at boot by what makes terminals. */
void tty_jobs_register(void);

#endif
