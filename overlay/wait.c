/* wait.c: wait4 and waitid. */
#include "kernel/usercopy.h"
#include "linux/signal.h"
#include "overlay/process.h"

enum { /* include/uapi/linux/wait.h */
	WNOHANG = 1,
	WUNTRACED = 2,
	WEXITED = 4,
	WCONTINUED = 8,
	WNOWAIT = 0x01000000,
	W_THREADS = 0xe0000000, /* __WALL, __WCLONE, __WNOTHREAD: of no matter here */
};
enum { P_ALL = 0, P_PID = 1, P_PGID = 2 };

struct rusage64 { /* include/uapi/linux/resource.h */
	int64_t user_sec, user_usec, rest[16];
};

struct found {
	int pid, status;
	uint64_t cpu_ns;
};

static bool matches(const struct process *child, int type, int id)
{
	return type == P_ALL || (type == P_PID && child->pid == id) || (type == P_PGID && child->pgid == id);
}

/* One look at the children: 1 found, 0 none ready, -ECHILD. */
static int look(int type, int id, int options, struct found *ret)
{
	struct process *self = current()->proc, *child;
	bool any = false, keep = options & WNOWAIT;

	list_for_each (child, &self->children, sibling_node) {
		if (!matches(child, type, id))
			continue;
		any = true;
		*ret = (struct found){ child->pid, child->wait_status, child->dead_cpu_ns + child->children_cpu_ns };
		if (child->state == PROCESS_ZOMBIE && (options & WEXITED)) {
			if (!keep)
				process_reap(child);
			return 1;
		}
		if (child->wait_stopped && (options & WUNTRACED)) {
			child->wait_stopped = keep;
			return 1;
		}
		if (child->wait_continued && (options & WCONTINUED)) {
			child->wait_continued = keep;
			ret->status = WAIT_CONTINUED;
			return 1;
		}
	}
	return any ? 0 : -ECHILD;
}

static int wait_for(int type, int id, int options, struct found *ret)
{
	struct process *self = current()->proc;
	int r;

	for (;;) {
		r = look(type, id, options, ret);
		if (r != 0 || (options & WNOHANG))
			return r;
		r = waitq_wait(&self->child_wait, WAIT_EVENT, "wait", TIME_NEVER, true);
		if (r == -EINTR)
			return -ERESTARTSYS;
	}
}

static int put_rusage(uint64_t to, uint64_t cpu_ns)
{
	struct rusage64 u = { cpu_ns / NSEC_PER_SEC, cpu_ns % NSEC_PER_SEC / NSEC_PER_USEC, { 0 } };

	return to ? copy_to_user(to, &u, sizeof(u)) : 0;
}

long overlay_wait4(int pid, uint64_t status, int options, uint64_t rusage)
{
	struct found f;
	int type = P_PID, id = pid, r;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | (int) W_THREADS))
		return -EINVAL;
	if (pid == -1)
		type = P_ALL;
	else if (pid <= 0) {
		type = P_PGID;
		id = pid == 0 ? current()->proc->pgid : -pid;
	}
	r = wait_for(type, id, options | WEXITED, &f);
	if (r <= 0)
		return r;
	if (status && user_write32(status, f.status) < 0)
		return -EFAULT;
	r = put_rusage(rusage, f.cpu_ns);
	return r < 0 ? r : f.pid;
}

long overlay_waitid(int type, int id, uint64_t info, int options, uint64_t rusage)
{
	struct siginfo si = { 0 };
	struct found f = { 0 };
	int r;

	if (!(options & (WEXITED | WUNTRACED | WCONTINUED)) || type < P_ALL || type > P_PGID)
		return -EINVAL;
	if (type == P_PGID && id == 0)
		id = current()->proc->pgid;
	r = wait_for(type, id, options, &f);
	if (r < 0)
		return r;
	if (r > 0) {
		int s = f.status;

		si.signo = SIGCHLD;
		si.pid = f.pid;
		if (s == WAIT_CONTINUED)
			si.code = CLD_CONTINUED, si.value = SIGCONT;
		else if ((s & 0xff) == 0x7f)
			si.code = CLD_STOPPED, si.value = s >> 8 & 0xff;
		else if (s & 0x7f)
			si.code = CLD_KILLED, si.value = s & 0x7f;
		else
			si.code = CLD_EXITED, si.value = s >> 8 & 0xff;
	}
	if (info) {
		r = copy_to_user(info, &si, sizeof(si));
		if (r < 0)
			return r;
	}
	return put_rusage(rusage, f.cpu_ns);
}
