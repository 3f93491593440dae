/* net_host.h: what fuzz_net.c sees of the world below net/ (net_host.c). */
#ifndef TESTS_FUZZ_NET_HOST_H
#define TESTS_FUZZ_NET_HOST_H

#include "drivers/virtio_net.h"

extern unsigned long host_objects, host_frames;	/* handed out now */
extern unsigned long host_allocations;		/* of heap, so far */
extern unsigned long host_fail_at;		/* the allocation of this number fails; 0: none does */
extern bool host_memory_short;
extern uint64_t host_hole;	/* a page of the application's memory that is not there; 0: all is */
extern int host_device_error;	/* what the network device says to each packet; 0: it takes it */
extern const char *host_ip, *host_ip6;	/* boot options; NULL: not given */
extern uint64_t host_now_ns;
extern const struct vnet_ops *host_ops;		/* net/netif.c's, once it has opened the device */

/* fuzz_net.c: a packet that was sent; piece 0 begins with virtio's header. */
void host_sent(const struct vnet_piece *pieces, unsigned count);

#endif
