/* sys_exit.c: the calls that end a thread or a process. */
#include "linux/process.h"
#include "linux/sys_proc.h"

long sys_exit_group(int code)
{
	process_exit_group(WAIT_EXITED(code));
}

long sys_exit(int code)
{
	process_thread_exit(code & 0xff);
}
