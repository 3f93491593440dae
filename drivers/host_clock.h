/* host_clock.h: keeps the wall clock as the host has it. */
#ifndef UIO_DRIVERS_HOST_CLOCK_H
#define UIO_DRIVERS_HOST_CLOCK_H

/* Asks the host for its time now and every few seconds, if QEMU was started by uio; else the RTC's time stays. To be
 * called once, not in interrupt context; may wait like vport_find(). */
void host_clock_start(void);

#endif
