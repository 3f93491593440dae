/* sys_info.c: sysinfo, the kernel's log, and the end of the machine. */
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "linux/sys_proc.h"

struct sysinfo64 { /* include/uapi/linux/sysinfo.h */
	int64_t uptime;
	uint64_t loads[3];
	uint64_t totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint32_t pad2;
	uint64_t totalhigh, freehigh;
	uint32_t mem_unit, pad3;
};
_Static_assert(sizeof(struct sysinfo64) == 112, "the C library's struct sysinfo");

long sys_sysinfo(uint64_t buf)
{
	struct sysinfo64 s = { .uptime = clock_monotonic_ns() / NSEC_PER_SEC, .mem_unit = 1 };
	struct sched_stats sched;
	struct page_stats pages;

	page_get_stats(&pages);
	sched_get_stats(&sched);
	s.totalram = pages.total * PAGE_SIZE;
	s.freeram = pages.free * PAGE_SIZE;
	s.procs = sched.threads;
	return copy_to_user(buf, &s, sizeof(s));
}

/* syslog(2): the log is a ring that nobody clears, so the two ways of reading all of it are one. */
static long read_log(uint64_t buf, uint64_t len)
{
	uint64_t pos, done = 0, end = UINT64_MAX; /* beyond the end: the end */
	char chunk[128];
	size_t n;
	int r;

	/* The newest `len` bytes are wanted. */
	log_read(&end, chunk, sizeof(chunk));
	pos = end > len ? end - len : 0;
	while (done < len && (n = log_read(&pos, chunk, MIN(sizeof(chunk), len - done)))) {
		r = copy_to_user(buf + done, chunk, n);
		if (r < 0)
			return r;
		done += n;
	}
	return done;
}

#define LOG_RING_SIZE 4096 /* what a reader should have room for */

long sys_syslog(int type, uint64_t buf, int len)
{
	enum { CLOSE, OPEN, READ, READ_ALL, READ_CLEAR, CLEAR, CONSOLE_OFF, CONSOLE_ON, CONSOLE_LEVEL };
	enum { SIZE_UNREAD = 9, SIZE_BUFFER = 10 };

	switch (type) {
	case CLOSE:
	case OPEN:
		return 0;
	case READ_ALL:
	case READ_CLEAR:
		/* As /dev/kmsg. */
		if (!process_may(current()->proc, GRANT_FS_RO, "read the kernel's log"))
			return -EPERM;
		return len < 0 ? -EINVAL : read_log(buf, len);
	case SIZE_UNREAD:
	case SIZE_BUFFER:
		return LOG_RING_SIZE;
	case CLEAR:
	case CONSOLE_OFF:
	case CONSOLE_ON:
	case CONSOLE_LEVEL:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/* include/uapi/linux/reboot.h */
#define REBOOT_MAGIC1 0xfee1dead
#define REBOOT_CAD_ON 0x89abcdef
#define REBOOT_CAD_OFF 0
#define REBOOT_HALT 0xcdef0123
#define REBOOT_POWER_OFF 0x4321fedc
#define REBOOT_RESTART 0x01234567

long sys_reboot(unsigned magic1, unsigned magic2, unsigned cmd, uint64_t arg)
{
	if (current()->proc->restricted)
		return -EPERM; /* a program never ends the guest; the operator's `quit` does */
	if (magic1 != REBOOT_MAGIC1)
		return -EINVAL;
	switch (cmd) {
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		return 0;
	case REBOOT_HALT:
	case REBOOT_POWER_OFF:
	case REBOOT_RESTART:
		process_exit_group(WAIT_EXITED(0));
	default:
		return -EINVAL;
	}
}
