/* serial.c: output to the serial port. See serial.h; registers: National Semiconductor PC16550D data sheet. */
#include "drivers/serial.h"

#include "drivers/serial_regs.h"
#include "kernel/log.h"
#include "kernel/mmio.h"

static bool present;

void serial_write(const char *text, size_t len)
{
	if (!present)
		return;
	for (size_t i = 0; i < len; i++) {
		/* THRE says that the FIFO is empty and takes its 16 bytes. A port that never gets there loses output
		 * instead of holding the kernel. */
		if (i % UART_FIFO == 0)
			for (unsigned tries = 0; tries < 100000 && !(inb(UART_LSR) & UART_LSR_THRE); tries++)
				__builtin_ia32_pause();
		outb(UART_DATA, (uint8_t) text[i]);
	}
}

bool serial_present(void)
{
	return present;
}

void serial_init(void)
{
	/* Nothing there: all ones. A scratch register that keeps its value: a 16550. */
	outb(UART_SCRATCH, 0x5a);
	if (inb(UART_LSR) == 0xff || inb(UART_SCRATCH) != 0x5a)
		return;
	outb(UART_IER, 0);
	outb(UART_LCR, UART_LCR_DLAB);
	outb(UART_DATA, 1); /* divisor 1: 115200 */
	outb(UART_IER, 0);
	outb(UART_LCR, UART_LCR_8N1);
	outb(UART_FCR, UART_FCR_ENABLE_CLEAR);
	outb(UART_MCR, UART_MCR_DTR_RTS_OUT2);
	present = true;
	log_sink = serial_write;
}
