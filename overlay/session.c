/* session.c: finding and starting programs for operators; the words for how they end. Sees nothing of channels. */
#include "overlay/session.h"

#include "kernel/kmem.h"
#include "lib/fmt.h"
#include "linux/signal.h"
#include "overlay/cache.h"
#include "overlay/events.h"
#include "proto/grants.h"

const struct vfs_view session_view = { .umask = 022, .restricted = true };

static int open_image(const char *path, struct vnode **ret)
{
	struct vnode *v;
	int r = vfs_walk(&session_view, NULL, path, 0, &v);

	if (r < 0)
		return r;
	if (!S_ISREG(v->mode)) {
		vnode_put(v);
		return -EACCES;
	}
	*ret = v;
	return 0;
}

char *session_cached_path(const char *name)
{
	size_t size = strlen(name) + sizeof("/cache/");
	char *path = kmalloc(size);

	if (path)
		fmt_snprintf(path, size, "/cache/%s", session_base(name));
	return path;
}

const char *session_base(const char *path)
{
	const char *base = path;

	for (; *path; path++)
		if (*path == '/' && path[1])
			base = path + 1;
	return base;
}

int session_find_program(const char *name, const char *cwd, struct vnode **ret_image, char **ret_path)
{
	bool search = !strchr(name, '/');
	const char *dir = search ? SESSION_PATH : *name == '/' ? "/" : *cwd ? cwd : "/";
	char *path = kmalloc(PATH_MAX), *kept;
	struct vnode *v;
	int r = -ENOENT;

	if (!path)
		return -ENOMEM;
	while (r == -ENOENT && *dir) {
		size_t n = 0;

		while (dir[n] && !(search && dir[n] == ':'))
			n++;
		fmt_snprintf(path, PATH_MAX, "%.*s/%s", n > 1 ? (int) n : 0, dir, *name == '/' ? name + 1 : name);
		r = open_image(path, ret_image);
		/* A host that does not answer has no program for us; there may be one in the cache. */
		if (search && (r == -ENOTDIR || r == -EIO))
			r = -ENOENT;
		dir += n + (dir[n] == ':');
	}
	if (r == -ENOENT && search && (v = cache_find_name(name))) {
		*ret_image = v;
		r = 0;
		kept = session_cached_path(name);
	} else {
		kept = kstrdup(path);
	}
	kfree(path);
	if (r == 0 && !kept) {
		vnode_put(*ret_image);
		r = -ENOMEM;
	}
	if (r == 0)
		*ret_path = kept;
	else
		kfree(kept);
	return r;
}

int session_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret_program)
{
	char grants[80];
	struct program *p;
	int r = program_start(spec, error, error_size, &p);

	if (r < 0)
		return r;
	grants_format(spec->grants, grants, sizeof(grants));
	event_program(EVENT_STARTED, p, grants);
	*ret_program = p;
	return 0;
}

void session_ended(const struct program *p, int wait_status, enum exit_reason reason, const char *report)
{
	const char *second = strchr(report, '\n');
	char text[120];
	size_t n = 0;

	if (reason == EXIT_FAULT) {
		/* The line of the report that says what was done; all of it went to the session. */
		report = second ? second + 1 : report;
		while (report[n] && report[n] != '\n' && n < sizeof(text) - 1)
			n++;
		memcpy(text, report, n);
		text[n] = '\0';
		event_program(EVENT_FAULTED, p, text);
	}
	session_outcome(wait_status, reason, text, sizeof(text));
	event_program(EVENT_ENDED, p, text);
}

int session_kill(int pid, int signo)
{
	struct process *proc = process_find(pid);
	struct program *p = program_find(pid);

	if (!proc)
		return -ESRCH;
	if (signo < 0 || signo > NSIG)
		return -EINVAL;
	if (p && signo == SIGKILL) {
		event_program(EVENT_KILLED, p, "signal 9");
		program_kill(p, EXIT_NORMAL);
		return 0;
	}
	return signal_send(proc, signo);
}

void session_outcome(int wait_status, enum exit_reason reason, char *buf, size_t size)
{
	static const char *const why[] = {
		[EXIT_NORMAL] = "",
		[EXIT_FAULT] = ", fault",
		[EXIT_TIMEOUT] = ", its time limit was over",
		[EXIT_MEMORY] = ", its memory limit was reached",
		[EXIT_CLOSED] = ", its session was closed",
	};
	int signo = wait_status & 0x7f;

	fmt_snprintf(buf, size, "%s %d%s", signo ? "killed by signal" : "exit status",
		     signo ? signo : wait_status >> 8 & 0xff, why[reason]);
}

const char *session_strerror(int error)
{
	/* Each: the errno as a byte, the text, 0. */
#define TEXT(number, text) number text "\0"
	static const char texts[] =
		TEXT("\1", "not permitted")				/* EPERM */
		TEXT("\2", "there is no such file")			/* ENOENT */
		TEXT("\3", "there is no such process")			/* ESRCH */
		TEXT("\4", "interrupted")				/* EINTR */
		TEXT("\5", "input or output error")			/* EIO */
		TEXT("\6", "there is no such device")			/* ENXIO */
		TEXT("\7", "the arguments are too long")		/* E2BIG */
		TEXT("\10", "not a program")				/* ENOEXEC */
		TEXT("\13", "not now, try again")			/* EAGAIN */
		TEXT("\14", "not enough memory")			/* ENOMEM */
		TEXT("\15", "access denied")				/* EACCES */
		TEXT("\20", "in use")					/* EBUSY */
		TEXT("\21", "exists already")				/* EEXIST */
		TEXT("\24", "not a directory")				/* ENOTDIR */
		TEXT("\25", "a directory")				/* EISDIR */
		TEXT("\26", "an argument is not valid")		/* EINVAL */
		TEXT("\33", "the file is too large")			/* EFBIG */
		TEXT("\34", "no space left")				/* ENOSPC */
		TEXT("\36", "the file system is read-only")		/* EROFS */
		TEXT("\44", "the name is too long")			/* ENAMETOOLONG */
		TEXT("\46", "not known here")				/* ENOSYS */
		TEXT("\47", "the directory is not empty")		/* ENOTEMPTY */
		TEXT("\50", "too many symbolic links")			/* ELOOP */
		TEXT("\107", "protocol violated")			/* EPROTO */
		TEXT("\112", "malformed or damaged data")		/* EBADMSG */
		TEXT("\156", "timed out")				/* ETIMEDOUT */
		TEXT("\164", "made from another image");		/* ESTALE */
#undef TEXT

	for (const char *at = texts; *at; at += strlen(at) + 1)
		if (*at == -error)
			return at + 1;
	return "failed";
}
