/* Bit fields: unsigned, signed, and wider than 32 bits. */
// RUN: run = 7
#include "image.h"
SEC("syscall") int run(void *ctx)
{
	struct subject *s = SUBJECT;

	return (BPF_CORE_READ_BITFIELD_PROBED(s, three) == 5) | ((int)BPF_CORE_READ_BITFIELD_PROBED(s, five) == -7) << 1 |
	       (BPF_CORE_READ_BITFIELD_PROBED(s, wide) == 0x123456789) << 2;
}
