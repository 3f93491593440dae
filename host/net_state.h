/*
 * net_state.h: what a unikernel's state file says of its network: written by `uio run`, read by ps, port and inspect.
 */
#ifndef HOST_NET_STATE_H
#define HOST_NET_STATE_H

#include "host/net.h"
#include "host/vm.h"

/* Adds "ports" (as the user wrote them) and "network" to the state. */
void net_state_write(struct vm *vm, const struct net *n);

/* The nth (from 0) forwarded port. False: there is none. */
bool net_state_forward(const struct vm *vm, int nth, struct port_forward *ret);
/* All of them as docker shows them, "127.0.0.1:8080->80/tcp, ..."; "" if there are none. The caller frees. */
char *net_state_ports(const struct vm *vm);
/* The guest's IPv4 address, as it was told or as its log says it got it; NULL: none, or not known yet. The caller
 * frees. */
char *net_state_address(const struct vm *vm);

#endif
