/* root.c: what pulls the overlay into an image, and the one thread that an idle overlay has: it waits for clients and
 * gives each a thread of its own. */
#include "drivers/virtio_console.h"
#include "kernel/entry.h"
#include "kernel/log.h"
#include "lib/fmt.h"
#include "overlay/ctl.h"
#include "overlay/events.h"
#include "overlay/shell.h"

extern const uint8_t command_file_files, command_file_look, command_file_run;

/* Named by the link of an image with the overlay. */
const void *const uio_overlay_root[] = { &command_file_files, &command_file_look, &command_file_run };

#define PORTS (1 + PROTO_PORTS_MAX)

static struct port {
	struct vport *v;		/* NULL: the device has it not */
	struct waitq wake;		/* whoever serves it */
	bool served;
} ports[PORTS];
static struct waitq manager = WAITQ_INIT(manager);
static void (*next_exit_hook)(void);

void ports_kick(void)
{
	waitq_wake_all(&manager);
}

/* In interrupt context. What a client that left had sent is not for the next one, whose first bytes may be there
 * already: on a control port one HELLO, after which it waits. The connection finds out whether it is one. */
static void event(struct vport *v, void *ctx)
{
	const size_t hello = FRAME_HEADER_SIZE + PROTO_HELLO_SIZE;
	struct port *p = ctx;
	size_t n;

	if (!vport_host_open(v)) {
		n = vport_readable(v);
		if (p != &ports[0])
			n -= MIN(n, hello);
		vport_read(v, NULL, n);
	}
	waitq_wake_all(&p->wake);
	if (!p->served)
		waitq_wake_all(&manager);
}

static void gone(void *ctx)
{
	((struct port *) ctx)->served = false;
	ports_kick();
}

static void serve(struct port *p)
{
	bool shell = p == &ports[0];
	int r;

	if (!p->v || p->served || !vport_host_open(p->v))
		return;
	p->served = true;
	r = shell ? shell_serve(p->v, &p->wake, gone, p) : ctl_serve(p->v, &p->wake, gone, p);
	if (r < 0) {
		p->served = false;
		klog("overlay: no memory for a client on %s", vport_name(p->v));
	}
}

static void find_ports(void)
{
	char name[16] = "uio.shell";

	for (unsigned i = 0; i < PORTS; i++) {
		if (i)
			fmt_snprintf(name, sizeof(name), "uio.ctl.%u", i - 1);
		waitq_init(&ports[i].wake);
		ports[i].v = vport_find(name);
		if (ports[i].v)
			vport_on_event(ports[i].v, event, &ports[i]);
	}
	event_port = vport_find("uio.events");
}

static void manage(void *arg)
{
	find_ports();
	for (;;) {
		uint64_t deadline_ns;

		for (unsigned i = 0; i < PORTS; i++)
			serve(&ports[i]);
		deadline_ns = ctl_exec_reap();
		waitq_wait(&manager, WAIT_EVENT, "clients", deadline_ns, false);
	}
}

/* The application ends: subscribers learn it, and what was said to clients gets out. */
static void app_exits(void)
{
	char status[12];

	if (next_exit_hook)
		next_exit_hook();
	fmt_snprintf(status, sizeof(status), "%d", process_app->exit_code);
	event_program(EVENT_APP_EXITED, NULL, status);
	for (unsigned i = 0; i < PORTS; i++)
		if (ports[i].v)
			vport_flush(ports[i].v, 20 * NSEC_PER_MSEC);
}

static void overlay(void)
{
	next_exit_hook = process_app_exit_hook;
	process_app_exit_hook = app_exits;
	if (thread_create_kernel("overlay", CLASS_OVERLAY, manage, NULL, NULL) < 0)
		klog("overlay: no memory to start");
}
INIT(60, overlay);
