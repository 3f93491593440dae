/* vport.c: the bytes of a console port: receive and transmit queues over one page of buffers each. */
#include "drivers/vport.h"

#include "kernel/clock.h"

/* A buffer's token in its queue: its number, and never null. */
static void *token_of(unsigned i)
{
	return (void *) (uintptr_t) (i + 1);
}

static unsigned of_token(void *token)
{
	return (unsigned) (uintptr_t) token - 1;
}

static bool alive(const struct vport *p)
{
	return !p->rx.dev->failed;
}

static int page_for(uint8_t **page)
{
	struct paddr frame;
	int r;

	if (*page)
		return 0;
	r = page_alloc_zeroed(&frame);
	if (r < 0)
		return r;
	*page = phys_to_virt(frame);
	return 0;
}

static void rx_give(struct vport *p, unsigned i)
{
	struct vq_segment s = {
		.addr = virt_to_phys(p->rx_page).pa + i * PORT_BUFFER,
		.len = PORT_BUFFER,
		.device_writes = true,
	};

	/* There are as many descriptors as buffers: it fits. */
	(void) vq_add(&p->rx.vq, &s, 1, token_of(i));
}

int vport_start_rx(struct vport *p)
{
	int r;

	if (p->rx_page)
		return 0;
	r = page_for(&p->rx_page);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < PORT_RING; i++)
		rx_give(p, i);
	virtio_kick(&p->rx);
	return 0;
}

/* True if bytes came in. */
static bool rx_collect(struct vport *p)
{
	bool any = false;
	void *token;
	uint32_t len;
	int r;

	while ((r = vq_collect(&p->rx.vq, &token, &len)) > 0) {
		unsigned i = of_token(token);

		if (len == 0) {
			rx_give(p, i);
			continue;
		}
		p->rx_len[i] = (uint16_t) len;
		p->rx_fifo[(p->rx_first + p->rx_count++) % PORT_RING] = (uint8_t) i;
		any = true;
	}
	if (r < 0)
		vport_give_up();
	return any;
}

size_t vport_read(struct vport *p, void *buf, size_t n)
{
	unsigned generation = p->generation;
	bool open = p->host_open;
	size_t done = 0;

	rx_collect(p);
	if (!p->rx_count)
		return 0;
	/*
	 * The bytes may be a new client's, of whom the control queue has told before, but not us yet. They are not for a
	 * reader who believes to talk to the last one.
	 */
	vport_hear();
	if (p->generation != generation || p->host_open != open)
		return 0;
	while (done < n && p->rx_count) {
		unsigned i = p->rx_fifo[p->rx_first];
		size_t piece = MIN(n - done, (size_t) (p->rx_len[i] - p->rx_offset));

		if (buf)
			memcpy((uint8_t *) buf + done, p->rx_page + i * PORT_BUFFER + p->rx_offset, piece);
		done += piece;
		p->rx_offset += piece;
		if (p->rx_offset < p->rx_len[i])
			break;
		p->rx_offset = 0;
		p->rx_first = (p->rx_first + 1) % PORT_RING;
		p->rx_count--;
		rx_give(p, i);
	}
	virtio_kick(&p->rx);
	return done;
}

size_t vport_readable(struct vport *p)
{
	size_t n = 0;

	rx_collect(p);
	for (unsigned k = 0; k < p->rx_count; k++)
		n += p->rx_len[p->rx_fifo[(p->rx_first + k) % PORT_RING]];
	return n - p->rx_offset;
}

void vport_discard(struct vport *p)
{
	vport_read(p, NULL, SIZE_MAX);
}

static unsigned tx_busy(const struct vport *p)
{
	unsigned ours = p->tx_free | (p->tx_fill ? 1u << p->tx_open : 0);

	return p->tx_page ? ~ours & ((1 << PORT_RING) - 1) : 0;
}

/*
 * QEMU (7.2, discard_throttle_data()) forgets the buffer that it was sending when the host's side closes, and never
 * gives it back. It takes a port's buffers in order: one that was sent after the close and comes back proves that what
 * is still missing from before is lost.
 */
static void tx_came_back(struct vport *p, unsigned i)
{
	p->tx_free |= (uint8_t) (1 << i);
	if (p->tx_suspect >> i & 1) {
		p->tx_suspect &= (uint8_t) ~(1 << i);
		return;
	}
	for (unsigned k = 0; k < PORT_RING; k++)
		if (p->tx_suspect >> k & 1) {
			(void) vq_forget(&p->tx.vq, token_of(k));
			p->tx_free |= (uint8_t) (1 << k);
		}
	p->tx_suspect = 0;
}

static bool tx_collect(struct vport *p)
{
	bool any = false;
	void *token;
	uint32_t len;
	int r;

	while ((r = vq_collect(&p->tx.vq, &token, &len)) > 0) {
		tx_came_back(p, of_token(token));
		any = true;
	}
	if (r < 0)
		vport_give_up();
	return any;
}

void vport_host_closed(struct vport *p)
{
	tx_collect(p);
	p->tx_suspect |= (uint8_t) tx_busy(p);
	/* What had not been sent was for who is gone. */
	if (p->tx_fill) {
		p->tx_free |= (uint8_t) (1 << p->tx_open);
		p->tx_fill = 0;
	}
}

static bool dropping(const struct vport *p)
{
	return !alive(p) || !p->present || (!p->console && !p->host_open);
}

static void tx_submit(struct vport *p)
{
	struct vq_segment s = {
		.addr = virt_to_phys(p->tx_page).pa + p->tx_open * PORT_BUFFER,
		.len = p->tx_fill,
	};

	(void) vq_add(&p->tx.vq, &s, 1, token_of(p->tx_open)); /* as many descriptors as buffers */
	p->tx_fill = 0;
}

/* Copies what fits; full buffers are handed to the device. */
static size_t tx_fill(struct vport *p, const uint8_t *from, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t piece;

		if (!p->tx_fill) {
			if (!p->tx_free)
				break;
			p->tx_open = (uint8_t) __builtin_ctz(p->tx_free);
			p->tx_free &= (uint8_t) ~(1 << p->tx_open);
		}
		piece = MIN(n - done, (size_t) PORT_BUFFER - p->tx_fill);
		memcpy(p->tx_page + p->tx_open * PORT_BUFFER + p->tx_fill, from + done, piece);
		p->tx_fill += piece;
		done += piece;
		if (p->tx_fill == PORT_BUFFER)
			tx_submit(p);
	}
	return done;
}

/* A buffer that is not full goes out only when the device has nothing else: small writes gather behind a slow
 * device. */
static void tx_push(struct vport *p)
{
	if (p->tx_fill && !(tx_busy(p) & ~p->tx_suspect))
		tx_submit(p);
	virtio_kick(&p->tx);
}

size_t vport_write(struct vport *p, const void *buf, size_t n)
{
	size_t done = 0;

	if (dropping(p))
		return n;
	if (!p->tx_page) {
		if (page_for(&p->tx_page) < 0)
			return n; /* no memory for it now: what cannot be sent is lost, not waited for */
		p->tx_free = (1 << PORT_RING) - 1;
		vq_interrupts(&p->tx.vq, false);
	}
	do {
		tx_collect(p);
		if (!alive(p))
			return n;
		done += tx_fill(p, (const uint8_t *) buf + done, n - done);
		tx_push(p);
		if (done == n && !p->tx_fill)
			break;
		/* Something waits for the device: be told when it is done, unless it is already. */
	} while (vq_interrupts(&p->tx.vq, true));
	p->tx_waiting = done < n;
	return done;
}

size_t vport_writable(struct vport *p)
{
	size_t n;

	if (dropping(p) || !p->tx_page)
		return PAGE_SIZE;
	tx_collect(p);
	n = p->tx_fill ? PORT_BUFFER - p->tx_fill : 0;
	for (unsigned left = p->tx_free; left; left &= left - 1)
		n += PORT_BUFFER;
	return n;
}

void vport_flush(struct vport *p, uint64_t timeout_ns)
{
	uint64_t end = clock_monotonic_ns() + timeout_ns;

	while (p->tx_page && alive(p) && (p->tx_fill || (tx_busy(p) & ~p->tx_suspect)) && clock_monotonic_ns() < end) {
		tx_collect(p);
		tx_push(p);
		__builtin_ia32_pause();
	}
}

void vport_changed(struct vport *p)
{
	waitq_wake_all(&p->readers);
	waitq_wake_all(&p->writers);
	if (p->event)
		p->event(p, p->ctx);
}

void vport_service(struct vport *p)
{
	bool any = rx_collect(p);

	if (p->tx_waiting || p->tx_fill) {
		if (tx_collect(p) && p->tx_waiting) {
			p->tx_waiting = false;
			any = true;
		}
		tx_push(p);
		if (!p->tx_waiting && !p->tx_fill)
			vq_interrupts(&p->tx.vq, false);
	}
	if (any)
		vport_changed(p);
}

const char *vport_name(const struct vport *p)
{
	return p->name;
}

unsigned vport_nr(const struct vport *p)
{
	return p->nr;
}

bool vport_host_open(const struct vport *p)
{
	return alive(p) && p->present && (p->host_open || p->console);
}

unsigned vport_generation(const struct vport *p)
{
	return p->generation;
}

bool vport_size(const struct vport *p, unsigned *ret_rows, unsigned *ret_cols)
{
	if (!p->rows || !p->cols)
		return false;
	*ret_rows = p->rows;
	*ret_cols = p->cols;
	return true;
}

struct waitq *vport_readers(struct vport *p)
{
	return &p->readers;
}

struct waitq *vport_writers(struct vport *p)
{
	return &p->writers;
}

void vport_on_event(struct vport *p, void (*fn)(struct vport *p, void *ctx), void *ctx)
{
	p->event = fn;
	p->ctx = ctx;
}
