/* process_may.c: the question that everything guarded asks. Small, since file calls ask it in every image. */
#include "linux/process.h"

bool process_may(struct process *p, uint32_t grant, const char *what)
{
	if (!p->restricted || (p->grants & grant) == grant)
		return true;
	if (p->refused)
		p->refused(p, grant, what);
	return false;
}
