/* special.c: what serves device nodes and FIFOs, whatever file system their node lies in. */
#include "fs/dev.h"
#include "fs/pipe.h"

const struct file_ops *special_fops(uint32_t mode)
{
	if (S_ISCHR(mode))
		return &dev_fops;
	if (S_ISFIFO(mode))
		return &fifo_fops;
	return NULL;
}
