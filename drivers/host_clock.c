/* host_clock.c: the wall clock as the host has it. The RTC counts whole seconds, and QEMU's starts up to a second
 * behind; so the host is asked, on a port of the console device, at boot and again every few seconds, since the TSC's
 * rate was measured for a moment only. Images with a network do so: their peers have clocks to compare with. */
#include "drivers/host_clock.h"

#include "drivers/virtio_console.h"
#include "kernel/clock.h"

#define INTERVAL_NS (10 * NSEC_PER_SEC)
#define GOOD_NS (300 * NSEC_PER_USEC)	/* a question that took longer is worth another one */
#define TRIES 5

static struct vport *port;
static struct ktimer again;
static uint64_t asked_ns;
static uint64_t best_ns;	/* the shortest question of this round */
static unsigned tries;		/* of this round; 0: none is under way */

static void ask(void)
{
	tries++;
	asked_ns = clock_monotonic_ns();
	vport_write(port, "?", 1);
}

static void round_begins(struct ktimer *t)
{
	if (!vport_host_open(port))
		return;
	vport_discard(port); /* an answer to somebody's last question */
	best_ns = UINT64_MAX;
	tries = 0;
	ask();
}

/* The answer to each byte: the host's time, nanoseconds since 1970, little endian. It was taken about half-way. */
static void hear(struct vport *p, void *ctx)
{
	uint64_t took = clock_monotonic_ns() - asked_ns, host_ns;

	/* Who comes after a close is asked anew. */
	if (!vport_host_open(p))
		tries = 0;
	if (!tries) {
		round_begins(NULL);
		return;
	}
	/* Nothing is read if it turns out now that the host has gone. */
	if (vport_readable(p) < sizeof(host_ns) || vport_read(p, &host_ns, sizeof(host_ns)) < sizeof(host_ns))
		return;
	if (took < best_ns) {
		best_ns = took;
		clock_set_realtime_ns(host_ns + took / 2);
	}
	if (took > GOOD_NS && tries < TRIES)
		ask();
	else
		ktimer_start(&again, clock_monotonic_ns() + INTERVAL_NS, round_begins);
}

void host_clock_start(void)
{
	port = vport_find("uio.time");
	if (!port)
		return;
	vport_on_event(port, hear, NULL);
	round_begins(NULL);
}
