/* domain_mpk.c: isolation by memory protection keys (SDM vol. 3A, 4.6.2). Key 0 is the application's memory, key 1 the
 * program's own; PKRU has two bits for each key: access disable (AD) and write disable (WD). */
#include "linux/process.h"
#include "overlay/domain.h"

#define PKRU_AD(key) (1u << (2 * (key)))
#define PKRU_WD(key) (2u << (2 * (key)))
#define KEY_APP 0
#define KEY_PROGRAM 1

static struct domain_rights mpk_rights(uint32_t grants)
{
	uint32_t pkru = UINT32_MAX & ~(PKRU_AD(KEY_PROGRAM) | PKRU_WD(KEY_PROGRAM));

	if (grants & (GRANT_READ | GRANT_WRITE))
		pkru &= ~PKRU_AD(KEY_APP);
	if (grants & GRANT_WRITE)
		pkru &= ~PKRU_WD(KEY_APP);
	return (struct domain_rights){ .pkru = pkru };
}

const struct domain domain_mpk = { "mpk", mpk_rights };
