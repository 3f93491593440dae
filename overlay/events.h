/* events.h: what happens to programs, told to the log, to those who subscribed on a control channel, and to the port
 * uio.events, behind which the host keeps a file: that needs no client, so nothing is lost. */
#ifndef UIO_OVERLAY_EVENTS_H
#define UIO_OVERLAY_EVENTS_H

#include "overlay/program.h"
#include "proto/msg.h"

enum event_kind { EVENT_STARTED, EVENT_ENDED, EVENT_FAULTED, EVENT_REFUSED, EVENT_KILLED, EVENT_APP_EXITED };

/* `text`: the grants, how it ended, where it faulted, what was refused, how an operator killed. May be called anywhere but in interrupt
 * handlers; never blocks. p is NULL for the application. */
void event_program(enum event_kind kind, const struct program *p, const char *text);
/* Tells any event. May be called anywhere but in interrupt handlers; never blocks. */
void event_tell(const struct msg_event *e);
/* The port uio.events, NULL if the device has none; set once, at boot. */
struct vport;
extern struct vport *event_port;

/* Those who are told. `tell` must not block; it may drop the event. */
struct event_subscriber {
	struct list node;
	void (*tell)(struct event_subscriber *s, const struct msg_event *e);
};
void event_subscribe(struct event_subscriber *s);
void event_unsubscribe(struct event_subscriber *s);

#endif
