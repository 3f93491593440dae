/* tty_jobs.c: where linux/ registers job control. Apart, so that images without terminals have only this. */
#include "fs/tty.h"

const struct tty_jobs *tty_jobs;
