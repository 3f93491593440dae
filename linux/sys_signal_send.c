/* sys_signal_send.c: calls that send signals. A program may signal what it forked and the processes of its own session,
 * and the application with the grant `signal`. */
#include "kernel/usercopy.h"
#include "linux/signal.h"
#include "linux/sys_proc.h"

static bool may_signal(struct process *to)
{
	struct process *from = current()->proc;

	if (!from->restricted || to == from)
		return true;
	if (to == process_app)
		return process_may(from, GRANT_SIGNAL, "a signal to the application");
	/* What one program forked stays together even across setsid(). */
	return to->restricted && (to->sid == from->sid || (from->overlay && to->overlay == from->overlay));
}

static int send(struct process *to, struct thread *t, int signo, const struct signal_info *info)
{
	return may_signal(to) ? signal_send_info(to, t, signo, info) : -EPERM;
}

/* kill(0), kill(-1), kill(-pgid). The application is meant only by its own number. */
static int send_many(int pid, int signo, const struct signal_info *info)
{
	struct process *from = current()->proc, *p;
	int pgid = pid == 0 ? from->pgid : -pid, r = -ESRCH, one;

	list_for_each(p, &process_list, all_node) {
		if (pid == -1 ? p == from || p == process_app : p->pgid != pgid)
			continue;
		if (p == process_app && p != from)
			continue;
		one = send(p, NULL, signo, info);
		if (one == 0 || r == -ESRCH)
			r = one;
	}
	return r;
}

static int send_thread(int tgid, int tid, int signo, const struct signal_info *info)
{
	struct thread *t;

	if (tid <= 0)
		return -EINVAL;
	t = thread_find(tid);
	if (!t || !t->proc || (tgid && t->proc->pid != tgid))
		return -ESRCH;
	return send(t->proc, t, signo, info);
}

long sys_kill(int pid, int signo)
{
	struct signal_info info = { .code = SI_USER, .pid = current()->proc->pid };
	struct process *p;

	if (signo < 0 || signo > NSIG)
		return -EINVAL;
	if (pid <= 0)
		return pid == -2147483647 - 1 ? -ESRCH : send_many(pid, signo, &info);
	p = process_find(pid);
	return p ? send(p, NULL, signo, &info) : -ESRCH;
}

long sys_tkill(int tid, int signo)
{
	struct signal_info info = { .code = SI_TKILL, .pid = current()->proc->pid };

	return send_thread(0, tid, signo, &info);
}

long sys_tgkill(int tgid, int tid, int signo)
{
	struct signal_info info = { .code = SI_TKILL, .pid = current()->proc->pid };

	return tgid <= 0 ? -EINVAL : send_thread(tgid, tid, signo, &info);
}

static int info_from_user(uint64_t addr, int signo, struct process *to, struct signal_info *ret)
{
	struct siginfo in;
	int r;

	r = copy_from_user(&in, addr, sizeof(in));
	if (r < 0)
		return r;
	/* Codes of the kernel and of kill() cannot be forged for others. */
	if ((in.code >= 0 || in.code == SI_TKILL) && to != current()->proc)
		return -EPERM;
	*ret = (struct signal_info){ in.code, in.pid, in.value };
	return 0;
}

long sys_rt_sigqueueinfo(int pid, int signo, uint64_t addr)
{
	struct process *p = process_find(pid);
	struct signal_info info;
	int r;

	if (!p)
		return -ESRCH;
	r = info_from_user(addr, signo, p, &info);
	return r < 0 ? r : send(p, NULL, signo, &info);
}

long sys_rt_tgsigqueueinfo(int tgid, int tid, int signo, uint64_t addr)
{
	struct process *p = process_find(tgid);
	struct signal_info info;
	int r;

	if (!p)
		return -ESRCH;
	r = info_from_user(addr, signo, p, &info);
	return r < 0 ? r : send_thread(tgid, tid, signo, &info);
}
