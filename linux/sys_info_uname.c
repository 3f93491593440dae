/* sys_info_uname.c: uname. The system calls itself Linux, since tools ask which calls and formats they may expect. */
#include "kernel/boot.h"
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

#define FIELD 65 /* include/uapi/linux/utsname.h: six of them */

long sys_uname(uint64_t buf)
{
	const char *name = boot_option("name");
	const char *const fields[] = { "Linux", name ? name : "uio", "6.1.0-uio", "#1 uIO", "x86_64", "(none)" };
	int r = clear_user(buf, ARRAY_SIZE(fields) * FIELD);

	for (unsigned i = 0; i < ARRAY_SIZE(fields) && r == 0; i++)
		r = copy_to_user(buf + i * FIELD, fields[i], MIN(strlen(fields[i]), (size_t) FIELD - 1));
	return r;
}

long sys_sethostname(uint64_t name, uint64_t len)
{
	return -EPERM; /* the name is given at boot */
}

long sys_personality(uint64_t persona)
{
	return (uint32_t) persona == 0xffffffffU || persona == 0 ? 0 : -EINVAL;
}
