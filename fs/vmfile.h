/* vmfile.h: what the memory manager asks of files (kernel/vm.h). */
#ifndef UIO_FS_VMFILE_H
#define UIO_FS_VMFILE_H

#include "kernel/vm.h"

extern const struct vm_file_ops vfs_vm_ops;

#endif
