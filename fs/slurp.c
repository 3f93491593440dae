/* slurp.c: reading and writing files from the kernel itself. */
#include "fs/vfs.h"
#include "kernel/kmem.h"

kssize_t file_read_kernel(struct file *f, void *to, size_t len, uint64_t off)
{
	struct iter it;

	iter_init_kernel(&it, to, len);
	return file_read(f, &it, off);
}

kssize_t file_write_kernel(struct file *f, const void *from, size_t len, uint64_t off)
{
	struct iter it;

	iter_init_kernel(&it, (void *) from, len);
	return file_write(f, &it, off);
}

static int slurp(struct file *f, size_t max, char **ret_data, size_t *ret_len)
{
	size_t size = 512, len = 0;
	char *data = kmalloc(size), *more;
	kssize_t n;

	if (!data)
		return -ENOMEM;
	while ((n = file_read_kernel(f, data + len, size - 1 - len, FILE_POS)) > 0) {
		len += (size_t) n;
		if (len > max) {
			n = -EFBIG;
			break;
		}
		if (len < size - 1)
			continue;
		more = krealloc(data, size * 2);
		if (!more) {
			n = -ENOMEM;
			break;
		}
		data = more;
		size *= 2;
	}
	if (n < 0) {
		kfree(data);
		return (int) n;
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	return 0;
}

int vfs_read_all(const char *path, size_t max, char **ret_data, size_t *ret_len)
{
	struct file *f;
	int r = vfs_open(path, O_RDONLY, 0, &f);

	if (r < 0)
		return r;
	r = slurp(f, max, ret_data, ret_len);
	file_put(f);
	return r;
}
