/* serial_input.c: input from the serial port, by interrupt into a small ring. Linked only where the serial port is the
 * application's console. */
#include "drivers/serial.h"
#include "drivers/serial_regs.h"
#include "kernel/irq.h"
#include "kernel/mmio.h"
#include "lib/ring.h"

struct waitq serial_readers = WAITQ_INIT(serial_readers);

static uint8_t buffer[256];
static struct ring ring = { .data = buffer, .size = sizeof(buffer) };

/* Takes what the port holds while there is room; the rest waits in the port, which holds the sender back. */
static bool drain(void)
{
	bool any = false;

	while (ring_space(&ring) && (inb(UART_LSR) & UART_LSR_DATA)) {
		uint8_t byte = inb(UART_DATA);

		ring_put(&ring, &byte, 1);
		any = true;
	}
	return any;
}

/* A full ring masks the interrupt, which a level-triggered line would repeat for ever. */
static void listen(void)
{
	outb(UART_IER, ring_space(&ring) ? UART_IER_RECEIVED : 0);
}

static void interrupt(void *arg)
{
	if (drain())
		waitq_wake_all(&serial_readers);
	listen();
}

int serial_input_start(void)
{
	int r;

	if (!serial_present())
		return -ENODEV;
	r = irq_request_gsi(UART_GSI, false, interrupt, NULL);
	if (r < 0)
		return r;
	listen();
	return 0;
}

size_t serial_read(char *buf, size_t n)
{
	size_t got;

	drain();
	got = ring_get(&ring, buf, n);
	if (got)
		listen();
	return got;
}
