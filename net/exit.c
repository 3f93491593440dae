/* exit.c: the application's end is not the end of what it has sent. Linux goes on sending after exit(2); here the guest ends
 * with the application, so it first closes the connections, and waits a while until their peers have done so, too. */
#include "kernel/clock.h"
#include "kernel/thread.h"
#include "linux/process_exit.h"
#include "lwip/priv/tcp_priv.h"
#include "net/net.h"

#define FAREWELL_S 3
#define LOOK_MS 5

static void (*next_hook)(void);

static bool leaves(const struct tcp_pcb *pcb)
{
	return !ip_addr_isloopback(&pcb->remote_ip) && pcb->state >= FIN_WAIT_1 && pcb->state != CLOSE_WAIT;
}

static bool any_leaves(void)
{
	for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
		if (leaves(pcb))
			return true;
	return false;
}

/* What was sent has arrived when the peer's FIN has: QEMU's user network acknowledges what it only keeps. */
static void farewell(void)
{
	uint64_t end_ns = clock_monotonic_ns() + FAREWELL_S * NSEC_PER_SEC;

	for (struct tcp_pcb *pcb = tcp_active_pcbs, *next; pcb; pcb = next) {
		next = pcb->next;
		if (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT)
			tcp_shutdown(pcb, 0, 1);
	}
	net_leave();
	while (any_leaves() && clock_monotonic_ns() < end_ns)
		thread_block(WAIT_IO, "farewell", clock_monotonic_ns() + LOOK_MS * NSEC_PER_MSEC, false);
}

static void at_exit(void)
{
	/* Who is killed says nothing more. */
	if (!(process_app->exit_code & 0x7f))
		farewell();
	if (next_hook)
		next_hook();
}

void net_exit_register(void)
{
	next_hook = process_app_exit_hook;
	process_app_exit_hook = at_exit;
}
