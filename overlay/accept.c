/* accept.c: see accept.h. A file that is not in the cache of programs is copied into it while it is hashed: nobody, not even
 * the host, can change it between the check and its loading. */
#include "overlay/accept.h"

#include "kernel/kmem.h"
#include "kernel/thread.h"
#include "lib/fmt.h"
#include "overlay/cache.h"
#include "overlay/events.h"

#define PIECE 4096

/* Made by uio-cc, sorted as in its file. */
extern const uint8_t uio_accept_list[][SHA256_SIZE];
extern const uint32_t uio_accept_count;

int accept_hash(const char *name, const uint8_t sha256[SHA256_SIZE], char *error, size_t size)
{
	char hex[2 * SHA256_SIZE + 1];

	for (uint32_t i = 0; i < uio_accept_count; i++)
		if (!memcmp(uio_accept_list[i], sha256, SHA256_SIZE))
			return 0;
	sha256_hex(sha256, hex);
	fmt_snprintf(error, size, "program %s: SHA-256 %s is not among those that this image accepts", name, hex);
	return -EACCES;
}

/* The bytes of `from` into the new file `to`, which has room for `size`. */
static int copy(struct file *from, struct file *to, uint64_t size, uint8_t digest[SHA256_SIZE])
{
	struct sha256 *sha = kmalloc(sizeof(*sha) + PIECE);
	uint8_t *piece = (uint8_t *) (sha + 1);
	uint64_t at = 0;
	kssize_t n = 0;

	if (!sha)
		return -ENOMEM;
	sha256_init(sha);
	while (at < size && (n = file_read_kernel(from, piece, MIN(size - at, (uint64_t) PIECE), at)) > 0) {
		sha256_update(sha, piece, (size_t) n);
		n = file_write_kernel(to, piece, (size_t) n, FILE_POS);
		if (n <= 0)
			break;
		at += (uint64_t) n;
		kernel_relax();
	}
	sha256_final(sha, digest);
	kfree(sha);
	return n < 0 ? (int) n : at < size ? -EIO : 0;
}

/* A program's file that no command has named by its hash: the log shall have it. */
static void tell(const char *name, const uint8_t sha256[SHA256_SIZE])
{
	struct msg_event e = { .time_ns = clock_monotonic_ns(), .name = "program.accepted" };
	char hex[2 * SHA256_SIZE + 1], start[200], buf[320];
	struct msg_list_builder b;

	sha256_hex(sha256, hex);
	fmt_snprintf(start, sizeof(start), "%s", name);
	msg_list_start(&b, buf, sizeof(buf));
	msg_list_add_pair(&b, "name", start);
	msg_list_add_pair(&b, "sha256", hex);
	if (msg_list_finish(&b, &e.values) == 0)
		event_tell(&e);
}

/* A program that starts a program: nobody else tells of it. */
static void tell_refused(const struct program *p, const char *error)
{
	char line[320];
	int n = fmt_snprintf(line, sizeof(line), "uio: program %s: %s\n", p->name, error);

	event_program(EVENT_REFUSED, p, error);
	if (p->stderr_file)
		file_write_kernel(p->stderr_file, line, MIN((size_t) n, sizeof(line) - 1), FILE_POS);
}

/* Its sealed copy, with a reference, if it is on the list. */
static int copy_in(const char *name, struct vnode *image, struct vnode **ret, char *error, size_t size)
{
	uint8_t digest[SHA256_SIZE];
	struct file *from, *to;
	struct vattr attr;
	int r = vfs_getattr(image, &attr);

	if (r == 0)
		r = vfs_open_vnode(image, O_RDONLY, &from);
	if (r < 0)
		return r;
	r = cache_create(attr.size, &to);
	if (r >= 0) {
		r = copy(from, to, attr.size, digest);
		if (r == 0)
			r = accept_hash(name, digest, error, size);
		if (r == 0)
			r = cache_enter(to, name, digest, attr.size);
		if (r == 0) {
			tell(name, digest);
			*ret = vnode_get(to->vnode);
		}
		file_put(to);
	}
	file_put(from);
	return r;
}

int accept_image(struct program *p, struct vnode *image, const char *path, struct vnode **ret, char *error, size_t size)
{
	const uint8_t *sha256 = cache_hash(image);
	/* execve: the program is the one that asks for the file. */
	const char *name = p->pid ? path : p->name;
	int r;

	if (sha256) {
		r = accept_hash(name, sha256, error, size);
		if (r == 0)
			*ret = vnode_get(image);
	} else {
		r = copy_in(name, image, ret, error, size);
	}
	if (r == -EACCES && p->pid)
		tell_refused(p, error);
	return r;
}
