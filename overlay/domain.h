/* domain.h: how a program's rights to the application's memory become hardware. A back end is a file: domain_mpk.c,
 * domain_pt.c; domain.c chooses one at boot. */
#ifndef UIO_OVERLAY_DOMAIN_H
#define UIO_OVERLAY_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

/* What grants come to; at most one of the two says anything. */
struct domain_rights {
	uint32_t pkru;	/* the register's value in ring 3, never 0; 0: not used */
	uint64_t view;	/* VIEW_* (kernel/vm.h), for each window of the program */
};

struct domain {
	const char *name;
	/* GRANT_READ and GRANT_WRITE count; the latter includes the former. */
	struct domain_rights (*rights)(uint32_t grants);
};

extern const struct domain domain_mpk, domain_pt;
/* The one in force; set at boot. */
extern const struct domain *domain;

/* Boot, before the first window: makes what the views of domain_pt need. Panics without memory. Without SMEP ring 0 gets
 * a root in which it can execute nothing of a window. */
void domain_pt_prepare(bool smep);

#endif
