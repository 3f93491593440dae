/* xdp_refused.bpf.c: what there is not here is refused by its name. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int send_elsewhere(struct xdp_md *ctx)
{
	return bpf_redirect(2, 0);
}

SEC("xdp") int ask_route(struct xdp_md *ctx)
{
	struct bpf_fib_lookup fib = {0};

	return bpf_fib_lookup(ctx, &fib, sizeof(fib), 0);
}
