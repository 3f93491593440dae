
/* Appended to musl's src/thread/pthread_cancel.c: the look that syscall_cp.h takes before and after a call. Returns 0, or
 * -ECANCELED where cancellation is masked; does not return where it is enabled and asked for. */
hidden long __uio_cancel_point(int closing)
{
	pthread_t self = __pthread_self();

	if (!self->cancel || self->canceldisable == PTHREAD_CANCEL_DISABLE || (closing && self->canceldisable))
		return 0;
	return __cancel();
}
