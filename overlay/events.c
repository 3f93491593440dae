/* events.c: see events.h. */
#include "overlay/events.h"

#include "drivers/virtio_console.h"
#include "kernel/kmem.h"
#include "kernel/log.h"
#include "lib/fmt.h"
#include "overlay/cache.h"
#include "proto/frame.h"

#define LIST_SIZE 512
#define FRAME_SIZE 640 /* header, time, name and list */

struct vport *event_port;

static const struct {
	const char *name, *verb, *key;
} kinds[] = {
	[EVENT_STARTED] = { "program.started", "started, grants ", "grants" },
	[EVENT_ENDED] = { "program.ended", "ended: ", "text" },
	[EVENT_FAULTED] = { "program.faulted", "faulted: ", "text" },
	[EVENT_REFUSED] = { "program.refused", "was refused: ", "text" },
	[EVENT_KILLED] = { "program.killed", "is sent ", "text" },
	[EVENT_APP_EXITED] = { "application.exited", NULL, "status" },
};

static struct list subscribers = LIST_INIT(subscribers);

void event_subscribe(struct event_subscriber *s)
{
	list_add_tail(&subscribers, &s->node);
}

void event_unsubscribe(struct event_subscriber *s)
{
	list_del(&s->node);
}

static void put_down(const struct msg_event *e)
{
	/* How many could not be told since the last one: no memory, or a host that does not take them. */
	static struct frame_header h = { .type = MSG_EVENT };
	uint8_t *buf;
	int n;

	if (!event_port)
		return;
	h.session++;
	buf = kmalloc(FRAME_SIZE);
	if (!buf)
		return;
	n = msg_event_encode(e, buf + FRAME_HEADER_SIZE, FRAME_SIZE - FRAME_HEADER_SIZE);
	if (n > 0 && vport_writable(event_port) >= FRAME_SIZE) {
		h.size = (uint32_t) n;
		h.session--;
		frame_header_encode(&h, buf);
		vport_write(event_port, buf, FRAME_HEADER_SIZE + (size_t) n);
		h.session = 0;
	}
	kfree(buf);
}

void event_tell(const struct msg_event *e)
{
	struct event_subscriber *s;

	list_for_each(s, &subscribers, node)
		s->tell(s, e);
	put_down(e);
}

void event_program(enum event_kind kind, const struct program *p, const char *text)
{
	struct msg_event e = { .time_ns = clock_monotonic_ns(), .name = kinds[kind].name };
	struct msg_list_builder b;
	char number[12], hash[2 * SHA256_SIZE + 1], *buf;
	const uint8_t *sha256;

	if (p)
		klog("overlay: program %s (pid %d) %s%s", p->name, p->pid, kinds[kind].verb, text);
	buf = kmalloc(LIST_SIZE);
	if (!buf)
		return;
	msg_list_start(&b, buf, LIST_SIZE);
	fmt_snprintf(number, sizeof(number), "%d", p ? p->pid : 1);
	msg_list_add_pair(&b, "pid", number);
	if (p)
		msg_list_add_pair(&b, "name", p->name);
	if (kind == EVENT_ENDED) {
		fmt_snprintf(number, sizeof(number), "%d", p->wait_status);
		msg_list_add_pair(&b, "status", number);
	}
	sha256 = kind == EVENT_STARTED ? cache_hash(process_find(p->pid)->exe) : NULL;
	if (sha256) {
		sha256_hex(sha256, hash);
		msg_list_add_pair(&b, "sha256", hash);
	}
	msg_list_add_pair(&b, kinds[kind].key, text);
	if (msg_list_finish(&b, &e.values) == 0)
		event_tell(&e);
	kfree(buf);
}
