/* sys_proc.h: the system calls about processes, threads, signals, time and the system: prototypes. What they do is what
 * the Linux manual's section 2 says; each returns a value or a negative errno. User pointers are integers
 * (kernel/usercopy.h). Arguments come as 64-bit registers; a narrower parameter takes the low bits. */
#ifndef UIO_LINUX_SYS_PROC_H
#define UIO_LINUX_SYS_PROC_H

#include "kernel/types.h"

/* A call that does not exist: -ENOSYS, and the call is named once in the log. */
long linux_enosys(long nr);

/* sys_exit.c */
long sys_exit(int code);
long sys_exit_group(int code);

/* sys_thread_self.c */
long sys_set_tid_address(uint64_t tidptr);
long sys_arch_prctl(int op, uint64_t addr);

/* sys_thread.c */
long sys_gettid(void);
long sys_set_robust_list(uint64_t head, uint64_t len);
long sys_get_robust_list(int pid, uint64_t head_ptr, uint64_t len_ptr);
long sys_membarrier(int cmd, unsigned flags, int cpu);

/* sys_thread_sched.c */
long sys_sched_yield(void);
long sys_sched_setaffinity(int pid, uint64_t len, uint64_t mask);
long sys_sched_getaffinity(int pid, uint64_t len, uint64_t mask);
long sys_sched_setparam(int pid, uint64_t param);
long sys_sched_getparam(int pid, uint64_t param);
long sys_sched_setscheduler(int pid, int policy, uint64_t param);
long sys_sched_getscheduler(int pid);
long sys_sched_get_priority_max(int policy);
long sys_sched_get_priority_min(int policy);
long sys_sched_rr_get_interval(int pid, uint64_t ts);
long sys_getpriority(int which, int who);
long sys_setpriority(int which, int who, int prio);
long sys_getcpu(uint64_t cpu, uint64_t node, uint64_t unused);
long sys_prctl(int op, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

/* sys_futex.c */
long sys_futex(uint64_t addr, int op, uint32_t val, uint64_t timeout, uint64_t addr2, uint32_t val3);

/* sys_time.c, sys_time_sleep.c, sys_time_itimer.c, sys_time_usage.c */
long sys_clock_gettime(int clock, uint64_t ts);
long sys_clock_getres(int clock, uint64_t ts);
long sys_clock_settime(int clock, uint64_t ts);
long sys_gettimeofday(uint64_t tv, uint64_t tz);
long sys_settimeofday(uint64_t tv, uint64_t tz);
long sys_time(uint64_t t);
long sys_nanosleep(uint64_t req, uint64_t rem);
long sys_clock_nanosleep(int clock, int flags, uint64_t req, uint64_t rem);
long sys_alarm(unsigned seconds);
long sys_getitimer(int which, uint64_t value);
long sys_setitimer(int which, uint64_t value, uint64_t old_value);
long sys_times(uint64_t buf);
long sys_getrusage(int who, uint64_t usage);

/* sys_signal.c, sys_signal_send.c, sys_signal_wait.c, signal_frame.c */
long sys_rt_sigaction(int signo, uint64_t act, uint64_t old_act, uint64_t set_size);
long sys_rt_sigprocmask(int how, uint64_t set, uint64_t old_set, uint64_t set_size);
long sys_rt_sigpending(uint64_t set, uint64_t set_size);
long sys_rt_sigsuspend(uint64_t set, uint64_t set_size);
long sys_rt_sigtimedwait(uint64_t set, uint64_t info, uint64_t timeout, uint64_t set_size);
long sys_rt_sigqueueinfo(int pid, int signo, uint64_t info);
long sys_rt_tgsigqueueinfo(int tgid, int tid, int signo, uint64_t info);
long sys_rt_sigreturn(void);
long sys_sigaltstack(uint64_t stack, uint64_t old_stack);
long sys_pause(void);
long sys_kill(int pid, int signo);
long sys_tkill(int tid, int signo);
long sys_tgkill(int tgid, int tid, int signo);

/* sys_ident.c */
long sys_getpid(void);
long sys_getppid(void);
long sys_getuid(void);
long sys_geteuid(void);
long sys_getgid(void);
long sys_getegid(void);
long sys_setuid(uint32_t id);
long sys_setgid(uint32_t id);
long sys_setreuid(uint32_t r, uint32_t e);
long sys_setregid(uint32_t r, uint32_t e);
long sys_setresuid(uint32_t r, uint32_t e, uint32_t s);
long sys_setresgid(uint32_t r, uint32_t e, uint32_t s);
long sys_setfsuid(uint32_t id);
long sys_setfsgid(uint32_t id);
long sys_getresuid(uint64_t r, uint64_t e, uint64_t s);
long sys_getresgid(uint64_t r, uint64_t e, uint64_t s);
long sys_getgroups(int count, uint64_t list);
long sys_setgroups(uint64_t count, uint64_t list);
long sys_capget(uint64_t header, uint64_t data);

/* sys_ident_session.c */
long sys_setpgid(int pid, int pgid);
long sys_getpgid(int pid);
long sys_getpgrp(void);
long sys_setsid(void);
long sys_getsid(int pid);

/* sys_info.c, sys_info_uname.c, sys_info_log.c, sys_rlimit.c, sys_random.c */
long sys_uname(uint64_t buf);
long sys_sysinfo(uint64_t buf);
long sys_syslog(int type, uint64_t buf, int len);
long sys_personality(uint64_t persona);
long sys_sethostname(uint64_t name, uint64_t len);
long sys_reboot(unsigned magic1, unsigned magic2, unsigned cmd, uint64_t arg);
long sys_getrlimit(unsigned resource, uint64_t limit);
long sys_setrlimit(unsigned resource, uint64_t limit);
long sys_prlimit64(int pid, unsigned resource, uint64_t new_limit, uint64_t old_limit);
long sys_getrandom(uint64_t buf, uint64_t len, unsigned flags);

#endif
