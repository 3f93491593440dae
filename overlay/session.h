/* session.h: what the control channel and the shell share: how operators look at files, how a program's file is found,
 * and how errors and ends are told to people. */
#ifndef UIO_OVERLAY_SESSION_H
#define UIO_OVERLAY_SESSION_H

#include "fs/vfs.h"
#include "overlay/program.h"

/* Files as operators see them: from the real root, with the mounts that are for overlay programs. */
extern const struct vfs_view session_view;
#define SESSION_PATH "/bin:/usr/bin:/tmp:/host/bin"

/* The file of the program `name`: a path if there is a '/' in it (a relative one starts at `cwd`, "" is "/"); else a
 * name looked for in SESSION_PATH and then among the cached programs. The caller gets a reference, and the path
 * (kfree() it). -ENOENT, -EACCES (not a regular file), -ENOMEM, or what the file system says. */
int session_find_program(const char *name, const char *cwd, struct vnode **ret_image, char **ret_path);
/* What a cached program sees as the path of its file, which is nowhere: C libraries want one. NULL: no memory. */
char *session_cached_path(const char *name);
/* What follows the last '/' that something follows. */
const char *session_base(const char *path);

/* Starts it and says so in the log and to subscribers. As program_start(). */
int session_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret_program);
/* To be called first by every `ended` function: log and events. */
void session_ended(const struct program *p, int wait_status, enum exit_reason reason, const char *report);

/* A signal as an operator sends it: to the process, 1 being the application; SIGKILL to a program's first process
 * ends all of the program. signo 0 only asks whether pid exists. -ESRCH, -EINVAL. */
int session_kill(int pid, int signo);

/* How a program ended, in words: "exit status 3", "killed by signal 11, fault". */
void session_outcome(int wait_status, enum exit_reason reason, char *buf, size_t size);
/* A negative errno in words. */
const char *session_strerror(int error);

/* Calls fn for each name in the directory but "." and "..", with the attributes of what it names (not followed); a
 * negative result ends the walk and is returned. `target`: of a symbolic link, else "". fn may block. */
typedef int (*session_entry)(void *ctx, const char *name, const struct vattr *a, const char *target);
int session_list(struct vnode *dir, session_entry fn, void *ctx);
/* Calls fn once, for v itself. */
int session_entry_of(struct vnode *v, const char *name, session_entry fn, void *ctx);

#endif
