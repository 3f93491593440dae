/* serial.h: the first serial port, a 16550 at port 0x3f8: where the log goes, and the application's console where there
 * is no other. Without such a port (microvm with isa-serial=off) everything written is dropped. */
#ifndef UIO_DRIVERS_SERIAL_H
#define UIO_DRIVERS_SERIAL_H

#include "kernel/types.h"
#include "kernel/waitq.h"

/* Sets the port up and makes it log_sink. The first thing at boot: needs no memory and no interrupts. */
void serial_init(void);
bool serial_present(void);
/* Writes all of it; polls, with a bound a byte. Callable anywhere. */
void serial_write(const char *text, size_t len);

/* serial_input.c: input by interrupt; called once by who wants it. 0, -ENODEV or what irq_request_gsi() says. */
int serial_input_start(void);
/* Takes up to n bytes; 0: none now. `serial_readers` is woken when there are more. */
size_t serial_read(char *buf, size_t n);
extern struct waitq serial_readers;

#endif
