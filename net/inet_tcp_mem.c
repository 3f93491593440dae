/* inet_tcp_mem.c: what connections hold of memory: the queue of what has arrived, in few buffers; the receive window, which
 * grows while the application reads; and shares, which they keep to when memory is tight. */
#include "kernel/page.h"
#include "lwip/tcp.h"
#include "net/inet.h"
#include "net/lwip_hooks.h"

#define TIGHT_PART 4		/* of memory is free, or it is tight */
#define SHARES_PART 8		/* of memory: what all connections may hold then, in each direction */
#define SHARE_MIN 4096
#define PACK_COUNT 8		/* buffers that are as they came before more are packed */
#define PACK_BYTES 16384	/* unread bytes, likewise */
#define PACK_SIZE (PAGE_SIZE - LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)))

u32_t net_tcp_first_window;
bool net_tight;
static uint32_t share = UINT32_MAX;	/* bytes of a connection in each direction while memory is tight */
static int connections;

void inet_tcp_count(int one)
{
	connections += one;
}

void net_look_at_memory(void)
{
	struct page_stats s;

	page_get_stats(&s);
	net_tight = s.free < s.total / TIGHT_PART;
	if (net_tight)
		share = (uint32_t) MAX(s.total * PAGE_SIZE / SHARES_PART / (uint64_t) MAX(connections, 1), SHARE_MIN);
}

size_t inet_tcp_send_limit(const struct inet_tcp *t)
{
	uint32_t limit = t->send_limit ? t->send_limit : TCP_SND_BUF;

	net_look_at_memory();
	return net_tight ? MIN(limit, share) : limit;
}

/* What comes out of order would be held without being of use. */
int net_tcp_refuse(const struct tcp_pcb *pcb, u32_t seqno)
{
	const struct inet_tcp *t = pcb->callback_arg;

	if (pcb->state < ESTABLISHED || pcb->state == TIME_WAIT)
		return 0;
	return seqno != pcb->rcv_nxt || !t || t->rx_bytes >= share;
}

/* The buffer to pack into; NULL: none. */
static struct pbuf *pack_of(struct inet_tcp *t)
{
	if (!t->pack || t->pack->len == PACK_SIZE) {
		struct pbuf *p = pbuf_alloc(PBUF_RAW, PACK_SIZE, PBUF_RAM);

		if (!p)
			return NULL;
		p->len = p->tot_len = 0;
		t->rx_last->next = p;
		t->rx_last = t->pack = p;
		t->rx_count++;
	}
	return t->pack;
}

/* Copies a buffer's bytes; false: not all of them, for lack of memory; the rest stays in p. */
static bool pack(struct inet_tcp *t, struct pbuf *p)
{
	while (p->len) {
		struct pbuf *to = pack_of(t);
		uint16_t n;

		if (!to)
			return false;
		n = (uint16_t) MIN(p->len, PACK_SIZE - to->len);
		memcpy((uint8_t *) to->payload + to->len, p->payload, n);
		to->len = to->tot_len = (u16_t) (to->len + n);
		p->payload = (uint8_t *) p->payload + n;
		p->len = (u16_t) (p->len - n);
	}
	return true;
}

/* A received packet holds a frame of memory, however short it is: while nobody reads, they are packed together. */
void inet_tcp_queue(struct inet_tcp *t, struct pbuf *p)
{
	bool slow = t->rx_count >= PACK_COUNT || t->rx_bytes >= PACK_BYTES || net_tight;

	t->rx_bytes += p->tot_len;
	while (p) {
		struct pbuf *next = p->next;

		p->next = NULL;
		if (slow && t->rx && p->len <= PAGE_SIZE / 2 && pack(t, p)) {
			pbuf_free(p);
		} else {
			if (t->rx_last)
				t->rx_last->next = p;
			else
				t->rx = p;
			t->rx_last = p;
			t->pack = NULL;
			t->rx_count++;
		}
		p = next;
	}
}

void inet_tcp_drop(struct inet_tcp *t)
{
	while (t->rx) {
		struct pbuf *p = t->rx;

		t->rx = p->next;
		p->next = NULL;
		pbuf_free(p);
	}
	t->rx_last = t->pack = NULL;
	t->rx_bytes = 0;
	t->rx_count = 0;
}

/* Doubles the window each time that one has been read, if memory allows; a limit that was lowered holds back what is read
 * until it is kept. */
uint64_t inet_tcp_window_opens(struct inet_tcp *t, uint64_t bytes)
{
	uint32_t limit = t->recv_limit ? t->recv_limit : net_tcp_window, n;

	if (t->window > limit) {
		n = (uint32_t) MIN(bytes, (uint64_t) (t->window - limit));
		t->window -= n;
		return bytes - n;
	}
	t->window_read += (uint32_t) bytes;
	if (t->window == limit || t->window_read < t->window || net_tight)
		return bytes;
	n = MIN(t->window, limit - t->window);
	t->window += n;
	t->window_read = 0;
	return bytes + n;
}
