/* forbidden.c: calls that change the whole machine: none works without a grant. */
#include "hostile.h"

#include <sys/time.h>

static void must_fail(const char *what, long r)
{
	if (r != -1)
		ESCAPED("%s gives %ld", what, r);
}

int main(void)
{
	struct timeval t = { 1, 0 };
	struct timespec ts = { 1, 0 };
	char page[64];
	struct { void *base; size_t len; } local = { page, 8 }, remote = { (void *) 0x40200000, 8 };

	must_fail("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0x4321fedc, 0));
	must_fail("settimeofday", syscall(SYS_settimeofday, &t, NULL));
	must_fail("clock_settime", syscall(SYS_clock_settime, 0, &ts));
	must_fail("sethostname", syscall(SYS_sethostname, "evil", 4));
	must_fail("mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
	must_fail("umount2", syscall(SYS_umount2, "/proc", 0));
	must_fail("chroot then out", syscall(SYS_chroot, "/no/such"));
	must_fail("mknod", syscall(SYS_mknod, "/tmp/mem", 020600, 0x101));
	must_fail("iopl", syscall(SYS_iopl, 3));
	must_fail("ioperm", syscall(SYS_ioperm, 0, 1024, 1));
	must_fail("modify_ldt", syscall(SYS_modify_ldt, 1, page, 16));
	must_fail("init_module", syscall(SYS_init_module, page, 8, ""));
	must_fail("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0));
	must_fail("bpf", syscall(SYS_bpf, 5, page, 64));
	must_fail("userfaultfd", syscall(SYS_userfaultfd, 0));
	must_fail("perf_event_open", syscall(SYS_perf_event_open, page, 0, -1, -1, 0));
	must_fail("process_vm_readv", syscall(SYS_process_vm_readv, 1, &local, 1, &remote, 1, 0));
	must_fail("process_vm_writev", syscall(SYS_process_vm_writev, 1, &local, 1, &remote, 1, 0));
	must_fail("pkey_alloc", syscall(SYS_pkey_alloc, 0, 0));
	must_fail("pkey_mprotect", syscall(SYS_pkey_mprotect, (unsigned long) page & ~(PAGE - 1), PAGE, PROT_READ, 0));
	must_fail("swapoff", syscall(SYS_swapoff, "/"));
	must_fail("acct", syscall(SYS_acct, "/tmp/x"));
	return hostile_escaped;
}
