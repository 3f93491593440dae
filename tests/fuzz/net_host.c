/* net_host.c: the kernel below net/, for fuzz_net.c: memory from malloc, so that the sanitizers see each object and frame; a
 * clock that stands until it is told to go on; threads that never run; users' memory that is all there is. */
#include "drivers/random.h"
#include "drivers/virtio_net.h"
#include "fs/vfs.h"
#include "kernel/boot.h"
#include "kernel/clock.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/usercopy.h"
#include "linux/process.h"
#include "net/net.h"
#include "tests/fuzz/net_host.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned long host_objects, host_frames, host_allocations, host_fail_at;
bool host_memory_short;
uint64_t host_hole;
int host_device_error;
uint64_t host_now_ns = NSEC_PER_SEC;
const struct vnet_ops *host_ops;
struct vnet_stats vnet_stats;
static struct process app = { .files = (void *) &app };
static struct thread self = { .proc = &app };
struct thread *current_thread = &self;

void *kmalloc(size_t size)
{
	void *p = size > 65536 || ++host_allocations == host_fail_at ? NULL : malloc(size);

	host_objects += p != NULL;
	return p;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

void kfree(void *p)
{
	host_objects -= p != NULL;
	free(p);
}

int page_alloc(struct paddr *ret)
{
	*ret = virt_to_phys(aligned_alloc(PAGE_SIZE, PAGE_SIZE));
	host_frames++;
	return 0;
}

/* Frames that netif.c keeps while it gives back those before them, as there was no memory for all. */
static uint64_t kept[VNET_FRAMES_MAX];

void page_put(struct paddr page)
{
	for (unsigned i = 0; i < VNET_FRAMES_MAX; i++)
		if (kept[i] == page.pa) {
			kept[i] = 0;
			return;
		}
	free(phys_to_virt(page));
	host_frames--;
}

void page_get(struct paddr page)
{
	unsigned i = 0;

	while (kept[i])
		i++;
	kept[i] = page.pa;
}

void page_get_stats(struct page_stats *ret)
{
	*ret = (struct page_stats){ .total = 4096, .free = host_memory_short ? 500 : 3000 };
}

uint64_t clock_monotonic_ns(void)
{
	return host_now_ns;
}

uint64_t deadline_after(uint64_t span_ns)
{
	return host_now_ns + span_ns;
}

int thread_create_kernel(const char *name, enum thread_class class, void (*fn)(void *), void *arg, struct thread **ret)
{
	*ret = &self;
	return 0;
}

int thread_block(enum wait_kind kind, const char *why, uint64_t deadline_ns, bool interruptible)
{
	return -EINTR;
}

void thread_wake(struct thread *t)
{
}

void thread_yield(void)
{
}

/* How much of that is there. */
static size_t there(uint64_t at, size_t len)
{
	if (!host_hole || at + len <= host_hole || at >= host_hole + PAGE_SIZE)
		return len;
	return at < host_hole ? host_hole - at : 0;
}

int copy_from_user(void *to, uint64_t from, size_t len)
{
	if (there(from, len) < len)
		return -EFAULT;
	memcpy(to, (void *) from, len);
	return 0;
}

int copy_to_user(uint64_t to, const void *from, size_t len)
{
	if (there(to, len) < len)
		return -EFAULT;
	memcpy((void *) to, from, len);
	return 0;
}

int user_range_check(uint64_t addr, uint64_t len, bool write)
{
	return 0;
}

size_t user_move(bool to_user, uint64_t user, void *kernel, size_t len)
{
	len = there(user, len);
	memcpy(to_user ? (void *) user : kernel, to_user ? kernel : (void *) user, len);
	return len;
}

void random_get(void *to, size_t len)
{
	static uint32_t state = 1;

	for (size_t i = 0; i < len; i++)
		((uint8_t *) to)[i] = (uint8_t) ((state = state * 1103515245 + 12345) >> 16);
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
	abort();
}

const char *host_ip = "10.0.0.1/24,gw=10.0.0.2", *host_ip6 = "fd09::1/64,gw=fd09::2";

const char *boot_option(const char *name)
{
	return strcmp(name, "ip") == 0 ? host_ip : host_ip6;
}

/* Files can be written, and are nowhere. */
int vfs_mkdir(const struct vfs_view *view, struct vnode *base, const char *path, uint32_t mode)
{
	return -EEXIST;
}

int vfs_open(const char *path, uint32_t flags, uint32_t mode, struct file **ret)
{
	static struct file f;

	*ret = &f;
	return 0;
}

kssize_t file_write_kernel(struct file *f, const void *from, size_t len, uint64_t off)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += ((const uint8_t *) from)[i]; /* each byte is there */
	return (kssize_t) len;
}

void file_put(struct file *f)
{
}

int file_create(struct vnode *v, uint32_t flags, struct file **ret)
{
	return -ENOMEM;
}

void vnode_put(struct vnode *v)
{
	if (--v->refs == 0)
		v->fops->free(v);
}

void net_proc(void)
{
}

void net_exit_register(void)
{
}

void host_clock_start(void)
{
}

/* The device takes everything, and forgets it, or has no room, or is broken. */
const struct vnet_info *vnet_open(const struct vnet_ops *ops)
{
	static const struct vnet_info info = { { 2, 0, 0, 0, 0, 1 }, 1500, true, true, true };

	host_ops = ops;
	return &info;
}

int vnet_send(const struct vnet_piece *pieces, unsigned count, void *token)
{
	volatile uint8_t sum = 0;

	if (host_device_error)
		return host_device_error;
	for (unsigned i = 0; i < count; i++)
		for (uint32_t k = 0; k < pieces[i].len; k++)
			sum += ((const uint8_t *) pieces[i].at)[k]; /* each byte is there */
	host_sent(pieces, count);
	host_ops->sent(token);
	return 0;
}

bool vnet_poll(unsigned budget)
{
	return false;
}

bool vnet_sleep(bool tx)
{
	return false;
}

bool vnet_link_up(void)
{
	return true;
}

void vnet_kick(void)
{
}
