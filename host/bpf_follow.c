/*
 * bpf_follow.c: see bpf_follow.h.
 */
#include "host/bpf_follow.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "host/util.h"

#define LOOK_MS	 100
#define AGAIN_NS (NS_PER_SEC / 2)

static volatile sig_atomic_t stop;

/* timeout(1) sends each signal twice, to the process and to its group: only a later one ends the program. */
static void on_signal(int number)
{
	static volatile uint64_t first_ns;
	uint64_t now = monotonic_ns();

	if (!stop)
		first_ns = now;
	stop = 1;
	if (now - first_ns < AGAIN_NS)
		return;
	signal(number, SIG_DFL);
	raise(number);
}

void follow_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal};

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
}

bool follow_stopped(void)
{
	return stop;
}

/* One frame, if one comes within timeout_ms; true if the session has ended. */
static bool take(struct bpf_call *call, uint32_t session, int timeout_ms, bpf_row row, void *context)
{
	struct msg_event m;
	struct frame frame;
	int r = client_receive(call->client, timeout_ms, &frame);

	if (r < 0 && r != -EINTR)
		die(1, "the guest is gone");
	if (r <= 0 || frame.header.session != session)
		return false;
	if (frame.header.type == MSG_OK || frame.header.type == MSG_ERROR)
		return true;
	if (frame.header.type == MSG_BPF_ROW && msg_event_decode(frame.payload, frame.header.size, &m) == 0 && row)
		row(&m, context);
	return false;
}

enum follow_end follow_more(struct bpf_call *call, uint32_t session, uint64_t until_ns, bpf_row row, void *context)
{
	uint64_t now;

	while ((now = monotonic_ns()) < until_ns)
		if (take(call, session, (int)((until_ns - now) / NS_PER_MS + 1), row, context))
			return FOLLOW_ENDED;
	return FOLLOW_TIME;
}

enum follow_end follow(struct bpf_call *call, uint32_t session, uint64_t until_ns, bpf_row row, void *context)
{
	for (;;) {
		uint64_t now = monotonic_ns(), left_ms;

		if (stop)
			return FOLLOW_SIGNAL;
		if (now >= until_ns)
			return FOLLOW_TIME;
		left_ms = (until_ns - now) / NS_PER_MS + 1;
		if (take(call, session, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS, row, context))
			return FOLLOW_ENDED;
	}
}

void follow_close(struct bpf_call *call, uint32_t session, bpf_row row, void *context)
{
	if (client_send(call->client, MSG_CLOSE, session, NULL, 0) < 0)
		return;
	while (!take(call, session, LOOK_MS, row, context))
		;
}
