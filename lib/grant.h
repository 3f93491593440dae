/* pure */
/*
 * grant.h: grants: what an overlay program may do beyond its own memory. Deny by default. The numbers are the wire's; the
 * text form with profiles and lists is proto/grants.h.
 */
#ifndef LIB_GRANT_H
#define LIB_GRANT_H

#include <stdint.h>

enum grant {
	GRANT_READ = 1u << 0,	/* read the application's memory */
	GRANT_WRITE = 1u << 1,	/* write it */
	GRANT_CALL = 1u << 2,	/* call its functions through gates */
	GRANT_FS_RO = 1u << 3,	/* open files for reading */
	GRANT_FS_RW = 1u << 4,	/* change files too (implies FS_RO) */
	GRANT_NET = 1u << 5,
	GRANT_SIGNAL = 1u << 6,	/* signal the application and other programs */
	GRANT_TRACE = 1u << 7,
	GRANT_ALL = 0xff,
};

/* The name of one grant bit as it is written after --grant; "?" for what is no grant. */
const char *grant_name(uint32_t grant);

#endif
