/*
 * image.c: see image.h.
 */
#include "host/image.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/paths.h"
#include "host/program.h"
#include "host/symbols.h"
#include "host/util.h"

static void add_folders(struct strv *folders, const char *list)
{
	char *copy, *at, *folder;

	if (!list)
		return;
	copy = at = xstrdup(list);
	while ((folder = strsep(&at, ":")))
		if (folder[0])
			strv_add(folders, folder);
	free(copy);
}

static void add_folder(struct strv *folders, char *folder)
{
	if (folder)
		strv_add(folders, folder);
	free(folder);
}

static struct strv image_folders(void)
{
	struct strv folders = { 0 };

	add_folders(&folders, getenv("UIO_IMAGES"));
	strv_add(&folders, "build/images");
	add_folder(&folders, beside_binary("../images"));
	strv_add(&folders, ".");
	return folders;
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

char *image_find(const char *name)
{
	struct strv folders = image_folders();

	if (strchr(name, '/'))
		return is_file(name) ? realpath(name, NULL) : NULL;
	for (size_t i = 0; i < folders.count; i++) {
		char *path = xasprintf("%s/%s", folders.v[i], name);
		char *real = is_file(path) ? realpath(path, NULL) : NULL;

		free(path);
		if (real)
			return real;
	}
	return NULL;
}

void image_list(void)
{
	struct strv folders = image_folders();

	/* Not the current folder, which holds anything. */
	for (size_t i = 0; i + 1 < folders.count; i++) {
		DIR *dir = opendir(folders.v[i]);
		struct dirent *e;

		while (dir && (e = readdir(dir))) {
			char *path = xasprintf("%s/%s", folders.v[i], e->d_name);

			if (!strchr(e->d_name, '.') && is_file(path))
				puts(e->d_name);
			free(path);
		}
		if (dir)
			closedir(dir);
	}
}

char *image_symbols(const char *image)
{
	char *path = xasprintf("%s.debug", image);

	if (is_file(path))
		return path;
	free(path);
	return xstrdup(image);
}

char *tool_find(const char *name, char **ret_dynamic)
{
	struct strv folders = { 0 };
	char *dynamic = NULL;

	*ret_dynamic = NULL;
	if (strchr(name, '/'))
		return NULL;
	add_folders(&folders, getenv("UIO_TOOLS"));
	strv_add(&folders, "build/tools");
	add_folder(&folders, beside_binary("../tools"));
	add_folders(&folders, getenv("PATH"));
	for (size_t i = 0; i < folders.count; i++) {
		char *path = xasprintf("%s/%s", folders.v[i], name);
		enum program_kind kind = is_file(path) ? program_kind(path) : PROGRAM_NOT_ELF;

		if (kind == PROGRAM_STATIC)
			return path;
		if (kind == PROGRAM_DYNAMIC && !dynamic)
			dynamic = path;
		else
			free(path);
	}
	*ret_dynamic = dynamic;
	return NULL;
}

char *image_changed(const struct vm *vm)
{
	const char *image = vm_string(vm, "image"), *was = vm_string(vm, "build_id");
	char *is = symbols_build_id(image), *text = NULL;

	if (was[0] && strcmp(is, was) != 0)
		text = xasprintf("%s was built anew since '%s' was started: its addresses are others; start it again", image,
				 vm->name);
	free(is);
	return text;
}
