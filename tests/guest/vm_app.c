/* vm_app.c: memory as an application sees it: mappings, rights, files in memory, and pointers that system calls refuse. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096UL
#define MIB (1024 * 1024UL)

static sigjmp_buf escape;
static void on_segv(int signo)
{
	(void) signo;
	siglongjmp(escape, 1);
}

/* True if the access faults. */
static int faults(volatile char *p, int write)
{
	if (sigsetjmp(escape, 1))
		return 1;
	if (write)
		*p = 1;
	else
		(void) *p;
	return 0;
}

static int refused(int fd, const void *p, size_t n)
{
	errno = 0;
	return write(fd, p, n) == -1 && errno == EFAULT;
}

static char *map(void *at, size_t n, int prot, int flags)
{
	return mmap(at, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static unsigned long free_pages(void)
{
	struct sysinfo s;

	return sysinfo(&s) == 0 ? s.freeram * s.mem_unit / PAGE : 0;
}

static void anonymous(void)
{
	unsigned long before, touched;
	char *p, *q;
	int ok = 1;

	p = map(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, 0);
	for (unsigned i = 0; i < 16 * PAGE; i++)
		ok &= p[i] == 0;
	CHECK("anonymous memory is zero", p != MAP_FAILED && ok);
	munmap(p, 16 * PAGE);
	CHECK("unmapped memory is gone", refused(1, p, 1));

	before = free_pages();
	p = map(NULL, 24 * MIB, PROT_READ | PROT_WRITE, 0);
	for (size_t i = 0; i < 24 * MIB; i += PAGE)
		p[i] = (char) (i / PAGE);
	touched = free_pages();
	for (size_t i = 0; i < 24 * MIB; i += PAGE)
		ok &= p[i] == (char) (i / PAGE);
	CHECK("large mappings hold what is stored", ok);
	CHECK("pages come on the first touch", before - touched >= 24 * MIB / PAGE && before - touched < 24 * MIB / PAGE + 32);
	munmap(p, 24 * MIB);
	CHECK("unmapping gives every frame back", free_pages() == before);

	p = map(NULL, 512 * MIB, PROT_NONE, MAP_NORESERVE);
	CHECK("address space costs nothing", p != MAP_FAILED && free_pages() == before);
	munmap(p, 512 * MIB);
	CHECK("what can never be had is refused", map(NULL, 1UL << 40, PROT_READ | PROT_WRITE, 0) == MAP_FAILED && errno == ENOMEM);

	p = map(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, 0);
	memset(p, 7, 4 * PAGE);
	q = map(p + PAGE, PAGE, PROT_READ, MAP_FIXED);
	CHECK("MAP_FIXED replaces", q == p + PAGE && q[0] == 0 && p[0] == 7 && p[2 * PAGE] == 7);
	CHECK("MAP_FIXED_NOREPLACE does not",
	      map(p, PAGE, PROT_READ, MAP_FIXED_NOREPLACE) == MAP_FAILED && errno == EEXIST && p[0] == 7);
	CHECK("MADV_DONTNEED gives zeroes", madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED) == 0 && p[2 * PAGE] == 0 && p[3 * PAGE] == 7);
	q = mremap(p + 3 * PAGE, PAGE, 300 * PAGE, MREMAP_MAYMOVE);
	CHECK("mremap keeps the content", q != MAP_FAILED && q[0] == 7 && q[PAGE - 1] == 7 && q[299 * PAGE] == 0);
	munmap(q, 300 * PAGE);
	munmap(p, 4 * PAGE);
	CHECK("mmap refuses no length and odd offsets", map(NULL, 0, PROT_READ, 0) == MAP_FAILED && errno == EINVAL &&
	      syscall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 0, 1) == -1 && errno == EINVAL);
	CHECK("all of that leaves no frame behind", free_pages() == before);
}

static void rights(void)
{
	char *p = map(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, 0), vec[3] = { 9, 9, 9 };

	p[0] = 1;
	p[PAGE] = 2;
	CHECK("mincore tells what is there", mincore(p, 3 * PAGE, (unsigned char *) vec) == 0 && vec[0] == 1 && vec[1] == 1 && vec[2] == 0);
	mprotect(p, PAGE, PROT_READ);
	CHECK("a read-only page takes no store", faults(p, 1) && p[0] == 1);
	CHECK("a system call does not write it either", pread(open("/dev/zero", O_RDONLY), p, 1, 0) == -1 && p[0] == 1);
	mprotect(p, PAGE, PROT_NONE);
	CHECK("a page without rights takes no load", faults(p, 0) && refused(1, p, 1));
	mprotect(p, PAGE, PROT_READ | PROT_WRITE);
	CHECK("rights come back with the content", p[0] == 1 && !faults(p, 1));
	CHECK("nothing becomes executable", mprotect(p, PAGE, PROT_READ | PROT_EXEC) == -1 && errno == EACCES &&
	      map(NULL, PAGE, PROT_READ | PROT_EXEC, 0) == MAP_FAILED && errno == EACCES);
	CHECK("a hole is reported", munmap(p + PAGE, PAGE) == 0 && mprotect(p, 3 * PAGE, PROT_READ) == -1 && errno == ENOMEM);
	munmap(p, 3 * PAGE);
	CHECK("a null pointer faults", faults(NULL, 0) && faults((char *) 8, 1));
}

static void pointers(void)
{
	static const uint64_t bad[] = { 0, 8, 0x3fffffff, 0x7fffffffffff, 0x800000000000, 0xffff7fffffffffff, 0xffff800000000000,
		0xffffc00000000000, 0xfffffffffffffff8 };
	char *p = map(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, 0), buf[64];
	int fds[2], ok = 1;
	struct iovec iov[2];

	CHECK("a pipe can be had", pipe(fds) == 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok &= refused(fds[1], (void *) bad[i], 16);
	CHECK("pointers to nothing and to the kernel are refused", ok);
	CHECK("a path that is no pointer is refused", open((char *) 0xffff800000000000, O_RDONLY) == -1 && errno == EFAULT);
	munmap(p + PAGE, PAGE);
	memset(p, 'x', PAGE);
	CHECK("a string must end in mapped memory", open(p + PAGE - 8, O_RDONLY) == -1 && errno == EFAULT);
	CHECK("what precedes a hole is written", write(fds[1], p + PAGE - 5, 100) == 5 && read(fds[0], buf, 64) == 5 && buf[4] == 'x');
	CHECK("ten bytes are written", write(fds[1], "0123456789", 10) == 10);
	iov[0] = (struct iovec){ buf, 3 };
	iov[1] = (struct iovec){ p, 7 };
	CHECK("readv fills its parts", readv(fds[0], iov, 2) == 10 && !memcmp(buf, "012", 3) && !memcmp(p, "3456789", 7));
	munmap(p, PAGE);
	p = map(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, 0);
	CHECK("a call fills pages that were never touched",
	      write(fds[1], "abc", 3) == 3 && read(fds[0], p + 40 * PAGE - 1, 3) == 3 && p[40 * PAGE - 1] == 'a' && p[40 * PAGE + 1] == 'c');
	munmap(p, 64 * PAGE);
	close(fds[0]);
	close(fds[1]);
}

static void files(void)
{
	int fd = open("/tmp/vm", O_RDWR | O_CREAT | O_TRUNC, 0600), ro;
	char buf[8] = "", *shared, *private, *p;

	CHECK("a file can be made", fd >= 0 && ftruncate(fd, 3 * PAGE) == 0 && pwrite(fd, "hello", 5, PAGE) == 5);
	shared = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
	CHECK("a file can be mapped", shared != MAP_FAILED && private != MAP_FAILED);
	CHECK("both mappings show the file", !memcmp(shared + PAGE, "hello", 5) && !memcmp(private, "hello", 5));
	shared[PAGE] = 'J';
	CHECK("a shared store is seen by read", pread(fd, buf, 5, PAGE) == 5 && !memcmp(buf, "Jello", 5));
	CHECK("a write is seen by the shared mapping", pwrite(fd, "y", 1, PAGE + 4) == 1 && shared[PAGE + 4] == 'y');
	private[1] = 'u';
	CHECK("a private store is not", pread(fd, buf, 5, PAGE) == 5 && !memcmp(buf, "Jelly", 5) && private[1] == 'u');
	CHECK("a store to a hole stays in the file", (shared[2 * PAGE] = 'z') && pread(fd, buf, 1, 2 * PAGE) == 1 && buf[0] == 'z');
	CHECK("msync is content", msync(shared, 3 * PAGE, MS_SYNC) == 0);
	ro = open("/tmp/vm", O_RDONLY);
	CHECK("a file open for reading is not mapped for shared writing",
	      mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0) == MAP_FAILED && errno == EACCES);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, PAGE);
	CHECK("nor does it become so", p != MAP_FAILED && p[0] == 'J' && mprotect(p, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES);
	munmap(p, PAGE);
	close(ro);
	close(fd);
	CHECK("a mapping outlives its descriptor and its name", unlink("/tmp/vm") == 0 && shared[PAGE] == 'J' && private[0]);
	munmap(shared, 3 * PAGE);
	munmap(private, 2 * PAGE);
	CHECK("what is not a file is not mapped", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF &&
	      pipe((int *) buf) == 0 && mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, *(int *) buf, 0) == MAP_FAILED && errno == ENODEV);
}

static void heap(void)
{
	char *p[200];
	int ok = 1;

	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 200; i++) {
			size_t n = (size_t) (i * 977 % 30000 + 1) * (i % 50 == 0 ? 20 : 1);

			p[i] = malloc(n);
			ok &= p[i] != NULL;
			if (p[i])
				memset(p[i], i, n);
		}
		for (int i = 0; i < 200; i++) {
			p[i] = realloc(p[i], (size_t) (i * 977 % 30000 + 1) * 3);
			ok &= p[i] && *p[i] == (char) i;
			free(p[i]);
		}
	}
	CHECK("malloc, realloc and free work", ok);
	CHECK("the break moves", syscall(SYS_brk, 0) > 0 && syscall(SYS_brk, syscall(SYS_brk, 0) + 100000) > 0);
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_segv };
	volatile char deep[200000];

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	for (unsigned i = 0; i < sizeof(deep); i += 1000)
		deep[i] = 1;
	CHECK("the main stack holds large arrays", deep[1000] == 1);
	heap();
	anonymous();
	rights();
	pointers();
	files();
	return check_failed;
}
