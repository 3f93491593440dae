/* cmd_files.c: commands on files and mounts. */
#include "kernel/kmem.h"
#include "overlay/session.h"
#include "overlay/shell.h"

COMMAND_FILE(files);

struct listing {
	struct shell *sh;
	bool longer;
};

static char kind_of(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return 'd';
	case S_IFLNK: return 'l';
	case S_IFCHR: return 'c';
	case S_IFBLK: return 'b';
	case S_IFIFO: return 'p';
	default: return '-';
	}
}

static int show_entry(void *ctx, const char *name, const struct vattr *a, const char *target)
{
	struct listing *l = ctx;
	char mode[11];

	if (shell_stopped(l->sh))
		return -EINTR;
	if (!l->longer) {
		shell_printf(l->sh, "%s%s\n", name, S_ISDIR(a->mode) ? "/" : "");
		return 0;
	}
	mode[0] = kind_of(a->mode);
	for (int i = 0; i < 9; i++)
		mode[i + 1] = a->mode >> (8 - i) & 1 ? "rwx"[i % 3] : '-';
	mode[10] = '\0';
	shell_printf(l->sh, "%s %3u %4u %4u %9lu %s%s%s\n", mode, a->nlink, a->uid, a->gid, a->size, name,
		     *target ? " -> " : "", target);
	return 0;
}

static int ls_path(struct listing *l, const char *path)
{
	struct vnode *v;
	int r = vfs_walk(&session_view, NULL, path, WALK_NOFOLLOW, &v);

	if (r < 0)
		return r;
	/* `ls LINK` shows what a link to a directory leads to. */
	if (S_ISLNK(v->mode) && !l->longer) {
		vnode_put(v);
		r = vfs_walk(&session_view, NULL, path, 0, &v);
		if (r < 0)
			return r;
	}
	r = S_ISDIR(v->mode) ? session_list(v, show_entry, l) : session_entry_of(v, path, show_entry, l);
	vnode_put(v);
	return r;
}

COMMAND(ls, "[-l] [PATH...]", "list files", 0, SHELL_ARGS_MAX)
{
	struct listing l = { .sh = sh };
	int i = 1;

	if (i < argc && !strcmp(argv[i], "-l")) {
		l.longer = true;
		i++;
	}
	if (i == argc)
		return ls_path(&l, "/");
	for (; i < argc && !shell_stopped(sh); i++) {
		int r = ls_path(&l, argv[i]);

		if (r < 0)
			shell_fail(sh, argv[i], r);
	}
	return 0;
}

static int cat(struct shell *sh, const char *path, char *buf, size_t size)
{
	struct file *f;
	kssize_t n;
	int r = vfs_open_at(&session_view, NULL, path, O_RDONLY | O_NONBLOCK, 0, NULL, &f);

	if (r < 0)
		return r;
	while ((n = file_read_kernel(f, buf, size, FILE_POS)) > 0 && !shell_stopped(sh))
		shell_write(sh, buf, (size_t) n);
	file_put(f);
	return n == -EAGAIN ? 0 : (int) MIN(n, 0L);
}

COMMAND(cat, "FILE...", "print files", 1, SHELL_ARGS_MAX)
{
	char *buf = kmalloc(1008);

	if (!buf)
		return -ENOMEM;
	for (int i = 1; i < argc && !shell_stopped(sh); i++) {
		int r = cat(sh, argv[i], buf, 1008);

		if (r < 0)
			shell_fail(sh, argv[i], r);
	}
	kfree(buf);
	return 0;
}

COMMAND(mount, "[[-r] TYPE SOURCE DIRECTORY]", "show what is mounted, or mount: 9p TAG, tmpfs, proc", 0, 4)
{
	bool readonly = argc > 1 && !strcmp(argv[1], "-r");
	struct mount *m;
	int r;

	argv += readonly;
	if (argc - readonly == 1) {
		list_for_each(m, &mount_list, node)
			shell_printf(sh, "%-10s %-10s %-16s %s%s\n", m->type, m->source, m->target,
				     m->readonly ? "ro" : "rw", m->restricted_only ? ", for overlay programs" : "");
		return 0;
	}
	if (argc - readonly != 4) {
		shell_printf(sh, "usage: mount [[-r] TYPE SOURCE DIRECTORY]\n");
		return 0;
	}
	r = vfs_mount_type(argv[1], argv[2], argv[3], readonly);
	return r < 0 ? shell_fail(sh, argv[3], r) : 0;
}
