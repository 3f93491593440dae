/* cc.h: lwIP's compiler and platform. */
#ifndef UIO_LWIP_CC_H
#define UIO_LWIP_CC_H

#include "kernel/log.h"
#include "kernel/panic.h"

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_UNISTD_H 1

#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "lu"
#define X8_F "x"

#define lwip_htons(x) ((uint16_t) __builtin_bswap16(x))
#define lwip_htonl(x) ((uint32_t) __builtin_bswap32(x))

#define LWIP_PLATFORM_DIAG(x) do { klog x; } while (0)
#define LWIP_PLATFORM_ASSERT(why) panic("lwip: %s:%d: %s", __FILE__, __LINE__, why)

/* net/port.c */
uint32_t net_random(void);
uint16_t net_checksum(const void *data, int len);
#define LWIP_RAND() net_random()
#define LWIP_CHKSUM net_checksum

#endif
