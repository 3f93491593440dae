/* sys_thread_self.c: what every program asks at its start: its thread's identity and the base of its TLS. */
#include "arch/x86_64/fpu.h"
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

/* arch/x86/include/uapi/asm/prctl.h */
enum { ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003 };

long sys_set_tid_address(uint64_t tidptr)
{
	current()->clear_child_tid = tidptr;
	return current()->tid;
}

long sys_arch_prctl(int op, uint64_t addr)
{
	uint64_t base;

	switch (op) {
	case ARCH_SET_FS:
		/* Only canonical lower-half addresses: another one would fault when it is loaded. */
		if (addr >= 1ULL << 47)
			return -EPERM;
		current()->fs_base = addr;
		arch_set_fs_base(addr);
		return 0;
	case ARCH_GET_FS:
		base = arch_get_fs_base();
		return copy_to_user(addr, &base, sizeof(base));
	default:
		/* GS is not kept per thread. */
		return -EINVAL;
	}
}
