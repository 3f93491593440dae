/*
 * vm.h: one unikernel as the host knows it: a directory with state.json, and what /proc says about its processes.
 *
 * There is no daemon. $XDG_STATE_HOME/uio/NAME/ holds state.json (written by `uio run` and its supervisor only),
 * exit.json (written once, when QEMU has ended), console.log, kernel.log, qemu.log and history. The sockets and locks
 * lie in a directory of their own, whose path state.json holds. A process counts as alive only if its pid, its start
 * time and the machine's boot id are the recorded ones, so no crash can leave a lie behind.
 */
#ifndef HOST_VM_H
#define HOST_VM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#define VM_NAME_MAX	40

enum vm_status {
	VM_CREATED,		/* `uio run` is at work, QEMU does not run yet */
	VM_RUNNING,
	VM_EXITED,
};

struct vm {
	char *name;
	char *dir;		/* state */
	char *run_dir;		/* sockets; "" while there is none */
	cJSON *state;		/* state.json */
	enum vm_status status;
	pid_t qemu;		/* while running */
	pid_t supervisor;	/* 0: gone */
	int exit_code;		/* once exited */
	uint64_t exited_at;	/* seconds since 1970; 0: not known */
	char *exit_text;	/* why, for people; never NULL once exited */
};

/* True if it is a name that a unikernel may have: letters, digits, "_.-", the first no punctuation. */
bool vm_name_valid(const char *name);

/* Makes the directory of a new unikernel. A half-made one whose maker died is reused. Returns 0 or -EEXIST. */
int vm_create(const char *name, struct vm **ret_vm);

/* Loads by name. Returns 0 or -ENOENT. */
int vm_load(const char *name, struct vm **ret_vm);
/* The same; ends the program with a message if there is none, or (running) if it does not run. */
struct vm *vm_get(const char *name);
struct vm *vm_get_running(const char *name);

/* All of them, sorted by name: NULL-terminated. The caller frees each and the array. */
struct vm **vm_all(void);

/* Looks again at the processes and at exit.json. */
void vm_refresh(struct vm *vm);
/* Waits until it has exited; false if that takes longer than timeout_ms (-1: no limit). */
bool vm_wait(struct vm *vm, int timeout_ms);

/* Writes vm->state to state.json. */
void vm_save(struct vm *vm);
/* Records a process as "KEY" with pid, start time and boot id in vm->state (not yet saved). */
void vm_record_process(struct vm *vm, const char *key, pid_t pid);
/* Supervisor: writes exit.json and removes the sockets. */
void vm_record_exit(struct vm *vm, int code, const char *text);
/* Reads the end of the kernel's log. Returns the exit code and why, or -1 if the log does not say. */
int vm_exit_from_log(const struct vm *vm, char **ret_text);

/* Removes everything there is of it. It must not run. */
int vm_remove(struct vm *vm);
void vm_free(struct vm *vm);

/* Strings and numbers of state.json; "" and 0 where there is none. */
const char *vm_string(const struct vm *vm, const char *key);
double vm_number(const struct vm *vm, const char *key);
/* A file in the state directory, a socket or lock in the run directory. The caller frees. */
char *vm_file(const struct vm *vm, const char *file);
char *vm_socket(const struct vm *vm, const char *file);
/* "running", "exited (1)", "created". Static storage. */
const char *vm_status_text(const struct vm *vm);

/* Connects to a Unix socket. Returns a descriptor or a negative errno: -EAGAIN if too many wait to be accepted. */
int unix_connect(const char *path);
/*
 * Takes a lock file in the run directory. Returns a descriptor that holds the lock until it is closed, -EAGAIN if
 * another process has it, or another negative errno.
 */
int vm_lock(const struct vm *vm, const char *file);

#endif
