/* domain.c: which back end keeps programs and the application apart: protection keys where the CPU has them, else page
 * tables; `uio.domain=` asks for one of them. */
#include "overlay/domain.h"

#include "arch/x86_64/cpu.h"
#include "arch/x86_64/traps.h"
#include "kernel/boot.h"
#include "kernel/entry.h"
#include "kernel/panic.h"

const struct domain *domain = &domain_mpk;

static void domain_init(void)
{
	const char *wish = boot_option("domain");
	bool smep = read_cr4() & CR4_SMEP;

	if ((wish && !strcmp(wish, domain_pt.name)) || !boot_info.pku || !smep) {
		traps_disable_pku();
		domain = &domain_pt;
		domain_pt_prepare(smep);
	}
	if (wish && strcmp(wish, domain->name))
		panic("uio.domain=%s: this CPU can only do %s", wish, domain->name);
}
INIT(60, domain_init);
