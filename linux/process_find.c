/* process_find.c: processes by number, and references to them. */
#include "linux/process.h"

struct process *process_find(int pid)
{
	struct process *p;

	list_for_each(p, &process_list, all_node)
		if (p->pid == pid)
			return p;
	return NULL;
}
