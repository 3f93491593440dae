/* pure */
/* auxv.h: the types of auxiliary-vector entries on a program's first stack (System V ABI, AMD64 supplement, 3.4.3, and
 * Linux, include/uapi/linux/auxvec.h). */
#ifndef LIB_AUXV_H
#define LIB_AUXV_H

enum {
	AT_NULL = 0,
	AT_PHDR = 3,
	AT_PHENT = 4,
	AT_PHNUM = 5,
	AT_PAGESZ = 6,
	AT_BASE = 7,
	AT_FLAGS = 8,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_HWCAP = 16,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_EXECFN = 31,
};

#endif
