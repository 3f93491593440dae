/* process_grant.c: the grants' names, as operators write them. */
#include "linux/process.h"

const char *grant_name(uint32_t grant)
{
	switch (grant) {
	case GRANT_READ: return "read";
	case GRANT_WRITE: return "write";
	case GRANT_CALL: return "call";
	case GRANT_FS_RO: return "fs=ro";
	case GRANT_FS_RW: return "fs=rw";
	case GRANT_NET: return "net";
	case GRANT_SIGNAL: return "signal";
	case GRANT_TRACE: return "trace";
	default: return "?";
	}
}
