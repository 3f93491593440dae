/*
 * vm.c: state directories: making, loading, saving and removing them. See vm.h; the life cycle is in vm_status.c.
 */
#include "host/vm.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/paths.h"
#include "host/util.h"

bool vm_name_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > VM_NAME_MAX || !isalnum((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("_.-", name[i]))
			return false;
	return true;
}

static struct vm *vm_new(const char *name)
{
	struct vm *vm = xcalloc(1, sizeof(*vm));

	vm->name = xstrdup(name);
	vm->dir = xasprintf("%s/%s", state_home(), name);
	vm->run_dir = xstrdup("");
	return vm;
}

/*
 * The maker holds a lock on the directory until state.json is there. So a directory without state.json that nobody has
 * locked is what a killed `uio run` left.
 */
int vm_create(const char *name, struct vm **ret_vm)
{
	struct vm *vm = vm_new(name);
	char *state = vm_file(vm, "state.json");
	int fd, r = 0;

	if (mkdir(vm->dir, 0700) < 0 && errno != EEXIST)
		die(125, "%s: %s", vm->dir, strerror(errno));
	fd = open(vm->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || access(state, F_OK) == 0)
		r = -EEXIST;
	free(state);
	if (r < 0) {
		if (fd >= 0)
			close(fd);
		vm_free(vm);
		return r;
	}
	/* The descriptor stays open, and the lock held, until this process ends. */
	vm->state = cJSON_CreateObject();
	*ret_vm = vm;
	return 0;
}

int vm_load(const char *name, struct vm **ret_vm)
{
	struct vm *vm;
	char *path, *text;
	int r;

	if (!vm_name_valid(name))
		return -ENOENT;
	vm = vm_new(name);
	path = vm_file(vm, "state.json");
	r = file_read(path, &text, NULL);
	free(path);
	if (r < 0) {
		/* Half made: it exists, so that `uio rm` can remove it. */
		struct stat st;

		if (stat(vm->dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
			vm_free(vm);
			return -ENOENT;
		}
		text = xstrdup("{}");
	}
	vm->state = cJSON_Parse(text);
	free(text);
	if (!cJSON_IsObject(vm->state)) {
		cJSON_Delete(vm->state);
		vm->state = cJSON_CreateObject();
	}
	free(vm->run_dir);
	vm->run_dir = xstrdup(vm_string(vm, "run_dir"));
	vm_refresh(vm);
	*ret_vm = vm;
	return 0;
}

struct vm *vm_get(const char *name)
{
	struct vm *vm;

	if (vm_load(name, &vm) < 0)
		die(125, "no unikernel is named '%s'; 'uio ps -a' lists them", name);
	return vm;
}

struct vm *vm_get_running(const char *name)
{
	struct vm *vm = vm_get(name);

	if (vm->status != VM_RUNNING)
		die(125, "'%s' does not run: %s", name, vm_status_text(vm));
	return vm;
}

static int visible(const struct dirent *e)
{
	return vm_name_valid(e->d_name);
}

struct vm **vm_all(void)
{
	struct dirent **list;
	int n = scandir(state_home(), &list, visible, alphasort);
	struct vm **all = xcalloc((size_t)(n < 0 ? 0 : n) + 1, sizeof(*all));
	size_t count = 0;

	for (int i = 0; i < n; i++) {
		if (vm_load(list[i]->d_name, &all[count]) == 0)
			count++;
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	all[count] = NULL;
	return all;
}

void vm_save(struct vm *vm)
{
	char *path = vm_file(vm, "state.json");
	char *text = cJSON_Print(vm->state);
	int r = file_write(path, text, strlen(text), 0600);

	if (r < 0)
		die(125, "%s: %s", path, strerror(-r));
	cJSON_free(text);
	free(path);
}

int vm_remove(struct vm *vm)
{
	if (vm->run_dir[0])
		remove_dir(vm->run_dir);
	return remove_dir(vm->dir);
}

void vm_free(struct vm *vm)
{
	if (!vm)
		return;
	cJSON_Delete(vm->state);
	free(vm->name);
	free(vm->dir);
	free(vm->run_dir);
	free(vm->exit_text);
	free(vm);
}

const char *vm_string(const struct vm *vm, const char *key)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItem(vm->state, key));

	return s ? s : "";
}

double vm_number(const struct vm *vm, const char *key)
{
	const cJSON *item = cJSON_GetObjectItem(vm->state, key);

	return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

char *vm_file(const struct vm *vm, const char *file)
{
	return xasprintf("%s/%s", vm->dir, file);
}

char *vm_socket(const struct vm *vm, const char *file)
{
	return xasprintf("%s/%s", vm->run_dir, file);
}

int unix_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, r;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		fcntl(fd, F_SETFL, 0);
		return fd;
	}
	r = -errno;
	close(fd);
	return r;
}

int vm_lock(const struct vm *vm, const char *file)
{
	char *path = vm_socket(vm, file);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : 0;

	free(path);
	if (r == 0 && flock(fd, LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (r == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return r;
}
