/* snprintf, strncmp, strtol, strtoul. */
// RUN: run = 31
#include "guest.h"
SEC("syscall") int run(void *ctx)
{
	static const char format[] = "%d %s %x";
	char text[32], number[8] = "-12", hexadecimal[8] = "0x1f";
	__u64 values[3] = {-5, (__u64)(long)"word", 255};
	long n = bpf_snprintf(text, sizeof(text), format, values, sizeof(values)), v = 0;
	unsigned long u = 0;
	int r = n == 11;

	r |= (bpf_strncmp(text, 11, "-5 word ff") == 0) << 1;
	r |= (bpf_strncmp(text, 4, "-6") != 0) << 2;
	r |= (bpf_strtol(number, sizeof(number), 10, &v) == 3 && v == -12) << 3;
	r |= (bpf_strtoul(hexadecimal, sizeof(hexadecimal), 0, &u) == 4 && u == 31) << 4;
	return r;
}
