/* serial_regs.h: the first 16550's ports and bits (PC16550D data sheet, table II); for serial*.c only. */
#ifndef UIO_DRIVERS_SERIAL_REGS_H
#define UIO_DRIVERS_SERIAL_REGS_H

enum {
	UART_BASE = 0x3f8,
	UART_DATA = UART_BASE,	   /* and the divisor's low byte when LCR.DLAB is set */
	UART_IER = UART_BASE + 1,  /* and its high byte */
	UART_FCR = UART_BASE + 2,  /* write only */
	UART_LCR = UART_BASE + 3,
	UART_MCR = UART_BASE + 4,
	UART_LSR = UART_BASE + 5,
	UART_SCRATCH = UART_BASE + 7,

	UART_IER_RECEIVED = 1 << 0,
	UART_FCR_ENABLE_CLEAR = 0x07,
	UART_LCR_8N1 = 0x03,
	UART_LCR_DLAB = 0x80,
	UART_MCR_DTR_RTS_OUT2 = 0x0b, /* OUT2 gates the interrupt line on PCs */
	UART_LSR_DATA = 1 << 0,
	UART_LSR_THRE = 1 << 5,

	UART_FIFO = 16, /* bytes */
	UART_GSI = 4,
};

#endif
