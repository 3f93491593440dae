/*
 * fuzz_ldisc.c: the input is a script for a terminal: type bytes, read, change modes, write, hang up. Nothing
 * overflows, and what poll promises read keeps.
 */
#include "lib/ldisc.h"

#include <stdlib.h>

#include "lib/errno.h"

static struct ldisc ld;
static size_t echoed;

static void on_echo(void *ctx, const void *bytes, size_t n)
{
	volatile uint8_t last = ((const uint8_t *)bytes)[n - 1];

	(void)ctx;
	(void)last;
	echoed += n;
}

static void on_signal(void *ctx, int signo)
{
	(void)ctx;
	if (signo != LDISC_SIGINT && signo != LDISC_SIGQUIT && signo != LDISC_SIGTSTP)
		abort();
}

static void check(void)
{
	if (ld.head - ld.tail > LDISC_SIZE || ld.canon - ld.tail > ld.head - ld.tail)
		abort();
}

static void read_some(size_t n)
{
	char buf[256];
	bool readable = ldisc_readable(&ld);
	long r = ldisc_read(&ld, buf, n);

	if (r > (long)n || (readable && r < 0) || (r < 0 && r != -EAGAIN))
		abort();
}

static void change_modes(uint8_t a, uint8_t b)
{
	struct ldisc_termios t = ld.termios;

	t.lflag ^= 1u << (a & 15);
	t.iflag ^= 1u << (b & 15);
	t.cc[LDISC_VMIN] = a >> 4;
	t.cc[LDISC_VTIME] = b >> 6;
	ldisc_set_termios(&ld, &t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ldisc_ops ops = { on_echo, on_signal };
	uint8_t out[64];
	size_t produced;

	ldisc_init(&ld);
	for (size_t i = 0; i < size; i++) {
		uint8_t op = data[i];

		if (op == 0xff && i + 2 < size) {
			change_modes(data[i + 1], data[i + 2]);
			i += 2;
		} else if (op == 0xfe && i + 1 < size) {
			read_some(data[++i]);
		} else if (op == 0xfd) {
			ldisc_input_eof(&ld);
		} else if (op == 0xfc) {
			size_t n = size - i - 1;

			if (ldisc_output(&ld, data + i + 1, n, out, sizeof(out), &produced) > n ||
			    produced > sizeof(out))
				abort();
		} else if (op == 0xfb && i + 2 < size) {
			/* the same byte many times: fills the buffer */
			for (unsigned k = 0; k < data[i + 1] * 32u; k++)
				ldisc_input(&ld, &data[i + 2], 1, &ops, NULL);
			i += 2;
		} else {
			ldisc_input(&ld, &op, 1, &ops, NULL);
		}
		check();
	}
	return 0;
}
