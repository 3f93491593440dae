/* tcptop.h: what tools/tcptop.bpf.c gathers for tools/tcptop.c. */
#ifndef TOOLS_TCPTOP_H
#define TOOLS_TCPTOP_H

/* Addresses in network order, of IPv4 in the first of the four. */
struct tcptop_key {
	unsigned int local[4], remote[4];
	unsigned short local_port, remote_port;
	unsigned int six; /* IPv6 */
};

struct tcptop_bytes {
	unsigned long sent, received;
};

#endif
