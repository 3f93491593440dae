/*
 * net.h: between the files of net/: how lwIP is driven.
 *
 * lwIP is called from system calls and from one thread of its own ("net"), never from interrupts, and nothing in it blocks,
 * so it needs no lock. Its callbacks only queue data and wake threads; they never call back into lwIP's output.
 * Who calls lwIP in a system call ends with net_leave(), which moves what was queued on its way: packets to the device,
 * loopback's to their sockets, new timers to the thread.
 */
#ifndef UIO_NET_NET_H
#define UIO_NET_NET_H

#include "kernel/types.h"

/* port.c: sets all up, once; the first socket does it. 0 or -ENOMEM. */
int net_start(void);
void net_leave(void);
/* Interrupt handlers: let the thread look. */
void net_wake(void);
/* A hint, in a system call that is about to wait: takes what has arrived. */
void net_poll(void);
/* Set while tcp_write() is given user addresses, which have been probed. */
extern bool net_copy_user;
/* True when memory is too short for more data in buffers: what arrives is dropped, what is to be sent waits. */
bool net_memory_short(void);

/* Looks at memory: sets net_tight (lwip_hooks.h) when connections should keep to their shares: a quarter is left. */
void net_look_at_memory(void);

struct netif;

/* netif.c: the device as lwIP's interface; NULL: there is none. */
struct netif *netif_open(void);
/* Takes what the device has and gives what waits: true if there is more. */
bool netif_work(void);
/* Tells the device of new packets. Not `now`: the first ones since the last time with `now`; true: there are more, which
 * wait for that. (Telling costs thousands of instructions, and the device looks by itself while it is at work.) */
bool netif_kick(bool now);
/* Before one waits: true if there is something already. */
bool netif_sleep(void);

/* config.c: gives the interface its addresses. */
void net_configure(struct netif *nif);
/* Waits for DHCP's first answer, for some seconds: whoever starts a connection at boot would find no route. 0, -EINTR. */
int net_wait_configured(void);

/* ifioctl.c: SIOCGIF*: -ENOTTY, -ENODEV, -EADDRNOTAVAIL, -EFAULT. */
long net_ioctl(unsigned cmd, uint64_t arg);
/* As programs know it: "lo" or "eth0". */
const char *net_interface_name(const struct netif *nif);

/* exit.c: from here on connections are closed before the application's end is the guest's. */
void net_exit_register(void);

/* proc.c: /proc/net shows the network from here on. */
void net_proc(void);

#endif
