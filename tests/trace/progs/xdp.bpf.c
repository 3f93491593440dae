/* xdp.bpf.c: programs on the network device: see run-xdp.sh. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* What is known of a packet: null where it is too short for it, or something else. */
struct parsed {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct udphdr *udp; /* or TCP, whose ports lie there, too */
};

static __always_inline struct parsed parse(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct parsed p = {0};

	if (data + sizeof(*p.eth) + sizeof(*p.ip) > end)
		return p;
	p.eth = data;
	if (p.eth->h_proto != bpf_htons(ETH_P_IP))
		return p;
	p.ip = data + sizeof(*p.eth);
	if (p.ip->ihl != 5 || (void *)(p.ip + 1) + sizeof(*p.udp) > end)
		return p;
	if (p.ip->protocol == IPPROTO_UDP || p.ip->protocol == IPPROTO_TCP)
		p.udp = (void *)(p.ip + 1);
	return p;
}

SEC("xdp") int everything(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Drops what goes to port 80 by UDP, or asks for port 81. */
SEC("xdp") int filter(struct xdp_md *ctx)
{
	struct parsed p = parse(ctx);

	if (p.udp && p.ip->protocol == IPPROTO_UDP && p.udp->dest == bpf_htons(80))
		return XDP_DROP;
	return p.udp && p.udp->dest == bpf_htons(81) ? XDP_ABORTED : XDP_PASS;
}

/* Whoever writes to 10.9.0.3 writes to himself: what goes there comes back from there. The checksums stay true, as they
 * do not depend on the order of the addresses. */
SEC("xdp") int mirror(struct xdp_md *ctx)
{
	struct parsed p = parse(ctx);
	__u8 mac[ETH_ALEN];
	__be32 address;

	if (!p.ip || p.ip->daddr != bpf_htonl(0x0a090003))
		return XDP_PASS;
	__builtin_memcpy(mac, p.eth->h_dest, ETH_ALEN);
	__builtin_memcpy(p.eth->h_dest, p.eth->h_source, ETH_ALEN);
	__builtin_memcpy(p.eth->h_source, mac, ETH_ALEN);
	address = p.ip->saddr;
	p.ip->saddr = p.ip->daddr;
	p.ip->daddr = address;
	return XDP_TX;
}

/* Datagrams that begin with "four" begin with "FOUR". */
SEC("xdp") int rewrite(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	__be32 old = bpf_htonl(0x666f7572), new = bpf_htonl(0x464f5552), *word;
	struct parsed p = parse(ctx);
	__u32 sum;

	if (!p.udp || p.ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	word = (void *)(p.udp + 1);
	if ((void *)(word + 1) > end || *word != old)
		return XDP_PASS;
	*word = new;
	sum = bpf_csum_diff(&old, 4, &new, 4, (__u16)~p.udp->check);
	sum = (sum & 0xffff) + (sum >> 16);
	p.udp->check = ~sum;
	return XDP_PASS;
}

unsigned long grown, failed;

/* Every border moves, and comes back to where it was; with rubbish in between. */
SEC("xdp") int borders(struct xdp_md *ctx)
{
	__u64 length = bpf_xdp_get_buff_len(ctx);
	__u64 first = 0, again = 0;
	__u8 *at;

	if (bpf_xdp_load_bytes(ctx, 6, &first, 8))
		goto bad;
	if (bpf_xdp_adjust_meta(ctx, -16) || bpf_xdp_adjust_head(ctx, -100) || bpf_xdp_adjust_tail(ctx, 60))
		goto bad;
	at = (void *)(long)ctx->data;
	if ((void *)(at + 100) > (void *)(long)ctx->data_end)
		goto bad;
	__builtin_memset(at, 0xaa, 100);
	at = (void *)(long)ctx->data_meta;
	if ((void *)(at + 16) > (void *)(long)ctx->data)
		goto bad;
	__builtin_memset(at, 0xbb, 16);
	if (bpf_xdp_get_buff_len(ctx) != length + 160)
		goto bad;
	if (bpf_xdp_adjust_head(ctx, 100) || bpf_xdp_adjust_tail(ctx, -60) || bpf_xdp_adjust_meta(ctx, 16))
		goto bad;
	if (bpf_xdp_load_bytes(ctx, 6, &again, 8) || first != again)
		goto bad;
	/* What must not be. */
	if (bpf_xdp_adjust_tail(ctx, -(int)length) == 0 || bpf_xdp_adjust_head(ctx, length) == 0 ||
	    bpf_xdp_adjust_meta(ctx, -3) == 0 || bpf_xdp_adjust_meta(ctx, 4) == 0 ||
	    bpf_xdp_store_bytes(ctx, length, &first, 1) == 0)
		goto bad;
	grown++;
	return XDP_PASS;
bad:
	failed++;
	return XDP_ABORTED;
}
