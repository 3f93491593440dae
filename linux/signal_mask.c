/* signal_mask.c: changing the calling thread's signal mask. */
#include "linux/signal.h"

void signal_set_mask(uint64_t mask)
{
	struct thread *t = current(), *other;

	t->sig_mask = mask & ~SIGNALS_UNBLOCKABLE;
	if (signal_pending(t))
		t->work_pending = true;
	/* What this thread was to take and now blocks may go to another one. */
	if (t->proc->signals->pending & t->sig_mask)
		list_for_each(other, &t->proc->threads, proc_node)
			if (other != t && signal_pending(other))
				thread_interrupt(other);
}

void signal_temp_mask_begin(uint64_t mask)
{
	struct thread *t = current();

	t->sig_saved_mask = t->sig_mask;
	t->sig_restore = true;
	signal_set_mask(mask);
}

void signal_temp_mask_end(bool interrupted)
{
	struct thread *t = current();

	if (interrupted && signal_pending(t)) {
		t->work_pending = true;
		return;
	}
	t->sig_restore = false;
	signal_set_mask(t->sig_saved_mask);
}
