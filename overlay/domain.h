/* domain.h: how a program's rights to the application's memory become hardware. A back end is a file: domain_mpk.c. */
#ifndef UIO_OVERLAY_DOMAIN_H
#define UIO_OVERLAY_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

/* True when programs can be isolated on this machine; otherwise *ret_why says what is missing. */
bool domain_available(const char **ret_why);
/* The value of PKRU in ring 3 for these grants (GRANT_READ, GRANT_WRITE count). */
uint32_t domain_pkru(uint32_t grants);

#endif
