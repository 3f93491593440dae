/* kernel_host.c: see kernel_host.h. */
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "tests/fuzz/kernel_host.h"

#pragma clang section bss = "" data = ""	/* what is here is not set back */

#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 4096
#define OBJECTS_MAX 16384

unsigned long host_objects, host_frames, host_allocations, host_fail_at;
bool host_memory_short;
uint64_t host_now_ns = NSEC_PER_SEC, host_tick_ns = NSEC_PER_USEC;
static struct thread self = { .tid = 1 };
struct thread *current_thread = &self;

/* Frames: each block of malloc's has one or more, each with its count. */
static struct frame {
	uint8_t *at;
	unsigned refs, tag;
	struct frame *first;	/* of the block */
	unsigned used;		/* first: frames of the block with references */
} frames[FRAMES_MAX];
static void *objects[OBJECTS_MAX];
static unsigned frames_end, objects_end;	/* used so far in this input */

static bool fails(void)
{
	return ++host_allocations == host_fail_at;
}

static struct frame *find(const uint8_t *at)
{
	for (unsigned i = 0; i < frames_end; i++)
		if (frames[i].at == at)
			return &frames[i];
	return NULL;
}

static struct frame *must_find(struct paddr page)
{
	struct frame *f = find(phys_to_virt(page));

	if (!f || !f->refs) {
		fprintf(stderr, "0x%lx is not a frame in use\n", page.pa);
		abort();
	}
	return f;
}

static int alloc(unsigned count, struct paddr *ret)
{
	uint8_t *block;
	unsigned run = 0;

	if (fails())
		return -ENOMEM;
	block = aligned_alloc(PAGE_SIZE, count * PAGE_SIZE);
	for (unsigned i = 0; i < FRAMES_MAX; i++) {
		run = frames[i].at ? 0 : run + 1;
		if (run < count)
			continue;
		i -= count - 1;
		for (unsigned k = 0; k < count; k++)
			frames[i + k] = (struct frame){ .at = block + k * PAGE_SIZE, .refs = 1, .first = &frames[i] };
		frames[i].used = count;
		frames_end = MAX(frames_end, i + count);
		host_frames += count;
		*ret = virt_to_phys(block);
		return 0;
	}
	free(block);
	return -ENOMEM;
}

int page_alloc(struct paddr *ret)
{
	int r = alloc(1, ret);

	if (r == 0)
		memset(phys_to_virt(*ret), 0xa5, PAGE_SIZE);
	return r;
}

int page_alloc_zeroed(struct paddr *ret)
{
	return page_alloc_contig(1, ret);
}

int page_alloc_contig(unsigned count, struct paddr *ret)
{
	int r = alloc(count, ret);

	if (r == 0)
		memset(phys_to_virt(*ret), 0, count * PAGE_SIZE);
	return r;
}

void page_get(struct paddr page)
{
	must_find(page)->refs++;
}

void page_put(struct paddr page)
{
	struct frame *f = must_find(page), *first = f->first;
	uint8_t *block = first->at;

	if (--f->refs)
		return;
	host_frames--;
	if (--first->used) {
		__asan_poison_memory_region(f->at, PAGE_SIZE);
		return;
	}
	for (unsigned i = 0; i < frames_end; i++)
		if (frames[i].first == first) {
			__asan_unpoison_memory_region(frames[i].at, PAGE_SIZE);
			frames[i] = (struct frame){ 0 };
		}
	free(block);
}

void page_put_contig(struct paddr first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		page_put((struct paddr){ first.pa + i * PAGE_SIZE });
}

unsigned page_refs(struct paddr page)
{
	return must_find(page)->refs;
}

void page_get_stats(struct page_stats *ret)
{
	*ret = (struct page_stats){ .total = 4096, .free = host_memory_short ? 100 : 3000 };
}

void *kmalloc(size_t size)
{
	void *p = size > 65536 || fails() ? NULL : malloc(size);

	if (!p)
		return NULL;
	memset(p, 0xa5, size);
	for (unsigned i = 0; i < OBJECTS_MAX; i++)
		if (!objects[i]) {
			objects[i] = p;
			objects_end = MAX(objects_end, i + 1);
			host_objects++;
			return p;
		}
	free(p);
	return NULL;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < objects_end; i++)
		if (objects[i] == p) {
			objects[i] = NULL;
			host_objects--;
			free(p);
			return;
		}
	fprintf(stderr, "kfree(%p): not an object\n", p);
	abort();
}

void *krealloc(void *p, size_t size)
{
	void *new;

	if (!p)
		return kmalloc(size);
	if (size > 65536 || fails())
		return NULL;
	new = realloc(p, size);
	for (unsigned i = 0; i < objects_end; i++)
		if (objects[i] == p) {
			objects[i] = new;
			return new;
		}
	abort();
}

char *kstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = kmalloc(len + 1);

	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}

char *kstrdup(const char *s)
{
	return kstrndup(s, SIZE_MAX);
}

void host_forget(void)
{
	for (unsigned i = 0; i < objects_end; i++)
		if (objects[i])
			kfree(objects[i]);
	for (unsigned i = 0; i < frames_end; i++)
		while (frames[i].at && frames[i].refs)
			page_put(virt_to_phys(frames[i].at));
	frames_end = objects_end = 0;
	host_allocations = host_fail_at = 0;
	host_memory_short = false;
	host_now_ns = NSEC_PER_SEC;
	self = (struct thread){ .tid = 1 };
	current_thread = &self;
}

/* Variables behind the pragma: as they were at the first call. */
extern uint8_t __start_host_bss[] __attribute__((weak)), __stop_host_bss[] __attribute__((weak));
extern uint8_t __start_host_data[] __attribute__((weak)), __stop_host_data[] __attribute__((weak));

/* Not by memcpy(): the sanitizers' red zones lie between the variables. */
static void copy(uint8_t *to, const uint8_t *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
}

void host_reset(void)
{
	static uint8_t *kept;
	size_t n = (size_t) (__stop_host_data - __start_host_data), left = (size_t) (__stop_host_bss - __start_host_bss);
	uint8_t *bss = __start_host_bss;

	if (!kept) {
		kept = malloc(n + 1);
		copy(kept, __start_host_data, n);
		return;
	}
	copy(__start_host_data, kept, n);
	__asm__ volatile("rep stosb" : "+D"(bss), "+c"(left) : "a"(0) : "memory");
}

uint64_t clock_monotonic_ns(void)
{
	host_now_ns += host_tick_ns;
	host_looks();
	return host_now_ns;
}

uint64_t clock_realtime_ns(void)
{
	return host_now_ns;
}

uint64_t deadline_after(uint64_t span_ns)
{
	return span_ns > UINT64_MAX - host_now_ns ? TIME_NEVER : host_now_ns + span_ns;
}

int thread_block(enum wait_kind kind, const char *why, uint64_t deadline_ns, bool interruptible)
{
	if (host_waits())
		return 0;
	if (interruptible)
		return -EINTR;
	if (deadline_ns == TIME_NEVER) {
		fprintf(stderr, "%s: waits for ever\n", why);
		abort();
	}
	host_now_ns = MAX(host_now_ns, deadline_ns);
	return -ETIMEDOUT;
}

void thread_wake(struct thread *t)
{
}

void thread_yield(void)
{
}

void kernel_relax(void)
{
	host_looks();
}

int copy_from_user(void *to, uint64_t from, size_t len)
{
	memcpy(to, (void *) from, len);
	return 0;
}

int copy_to_user(uint64_t to, const void *from, size_t len)
{
	memcpy((void *) to, from, len);
	return 0;
}

int user_range_check(uint64_t addr, uint64_t len, bool write)
{
	return 0;
}

size_t user_move(bool to_user, uint64_t user, void *kernel, size_t len)
{
	if (!kernel)
		memset((void *) user, 0, len);
	else
		memcpy(to_user ? (void *) user : kernel, to_user ? kernel : (void *) user, len);
	return len;
}

void klog(const char *format, ...)
{
}

_Noreturn void panic(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
