/* events.c: see events.h. */
#include "overlay/events.h"

#include "kernel/kmem.h"
#include "kernel/log.h"
#include "lib/fmt.h"

static const struct {
	const char *name, *verb, *key;
} kinds[] = {
	[EVENT_STARTED] = { "program.started", "started, grants ", "grants" },
	[EVENT_ENDED] = { "program.ended", "ended: ", "text" },
	[EVENT_FAULTED] = { "program.faulted", "faulted: ", "text" },
	[EVENT_REFUSED] = { "program.refused", "was refused: ", "text" },
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

void event_program(enum event_kind kind, const struct program *p, const char *text)
{
	struct msg_event e = { .time_ns = clock_monotonic_ns(), .name = kinds[kind].name };
	struct msg_list_builder b;
	struct event_subscriber *s;
	char number[12], *buf;

	if (p)
		klog("overlay: program %s (pid %d) %s%s", p->name, p->pid, kinds[kind].verb, text);
	if (list_empty(&subscribers) || !(buf = kmalloc(512)))
		return;
	msg_list_start(&b, buf, 512);
	fmt_snprintf(number, sizeof(number), "%d", p ? p->pid : 1);
	msg_list_add_pair(&b, "pid", number);
	if (p)
		msg_list_add_pair(&b, "name", p->name);
	if (kind == EVENT_ENDED) {
		fmt_snprintf(number, sizeof(number), "%d", p->wait_status);
		msg_list_add_pair(&b, "status", number);
	}
	msg_list_add_pair(&b, kinds[kind].key, text);
	if (msg_list_finish(&b, &e.values) == 0)
		list_for_each(s, &subscribers, node)
			s->tell(s, &e);
	kfree(buf);
}
