/* sys_ident_set.c: changing one's identity. There is one user: root stays root, and -EINVAL says that no other exists,
 * as in a Linux user namespace that maps only root. */
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

#define KEEP 0xffffffffU

static long become(uint32_t id)
{
	return id == 0 ? 0 : -EINVAL;
}

static long become_or_keep(uint32_t id)
{
	return id == KEEP ? 0 : become(id);
}

long sys_setuid(uint32_t id)
{
	return become(id);
}

long sys_setgid(uint32_t id)
{
	return become(id);
}

static long become_three(uint32_t r, uint32_t e, uint32_t s)
{
	return become_or_keep(r) || become_or_keep(e) || become_or_keep(s) ? -EINVAL : 0;
}

long sys_setreuid(uint32_t r, uint32_t e)
{
	return become_three(r, e, KEEP);
}

long sys_setregid(uint32_t r, uint32_t e)
{
	return become_three(r, e, KEEP);
}

long sys_setresuid(uint32_t r, uint32_t e, uint32_t s)
{
	return become_three(r, e, s);
}

long sys_setresgid(uint32_t r, uint32_t e, uint32_t s)
{
	return become_three(r, e, s);
}

/* These two return the old id whatever happens. */
long sys_setfsuid(uint32_t id)
{
	return 0;
}

long sys_setfsgid(uint32_t id)
{
	return 0;
}

static long put_three(uint64_t r, uint64_t e, uint64_t s)
{
	return clear_user(r, 4) < 0 || clear_user(e, 4) < 0 || clear_user(s, 4) < 0 ? -EFAULT : 0;
}

long sys_getresuid(uint64_t r, uint64_t e, uint64_t s)
{
	return put_three(r, e, s);
}

long sys_getresgid(uint64_t r, uint64_t e, uint64_t s)
{
	return put_three(r, e, s);
}

long sys_getgroups(int count, uint64_t list)
{
	return count < 0 ? -EINVAL : 0;
}

long sys_setgroups(uint64_t count, uint64_t list)
{
	return count == 0 ? 0 : -EINVAL;
}

/* include/uapi/linux/capability.h */
#define CAP_VERSION_1 0x19980330
#define CAP_VERSION_2 0x20071026
#define CAP_VERSION_3 0x20080522

struct cap_header {
	uint32_t version;
	int32_t pid;
};
struct cap_data {
	uint32_t effective, permitted, inheritable;
};

/* No capabilities for programs: their rights are grants. All for the application. */
long sys_capget(uint64_t header, uint64_t data)
{
	uint32_t all = current()->proc->restricted ? 0 : 0xffffffffU;
	struct cap_data d[2] = { { all, all, 0 }, { all & 0x1ff, all & 0x1ff, 0 } };
	struct cap_header h;
	int r = copy_from_user(&h, header, sizeof(h));

	if (r < 0)
		return r;
	if (h.version != CAP_VERSION_1 && h.version != CAP_VERSION_2 && h.version != CAP_VERSION_3) {
		h.version = CAP_VERSION_3;
		r = copy_to_user(header, &h, sizeof(h));
		return r < 0 ? r : data ? -EINVAL : 0;
	}
	if (!data)
		return 0;
	return copy_to_user(data, d, h.version == CAP_VERSION_1 ? sizeof(d[0]) : sizeof(d));
}
