/* sys_file_sync_all.c: sync. */
#include "linux/file.h"

long sys_sync(void)
{
	vfs_sync_all();
	return 0;
}
