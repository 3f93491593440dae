/* targets.c: see targets.h. No instruction is decoded to find the far jumps: each place in the code is taken for the
 * possible end of a relative jump, call or LEA, and each word for a possible address, whatever it is really. That finds
 * every true one, and false ones cost only a slower probe. Near jumps (REL8) would give too many false ones: they are
 * looked at when a site is made, and dropped where the instructions around do not start there. */
#include "trace/targets.h"

#include "kernel/thread.h"
#include "trace/area.h"
#include "trace/insn.h"
#include "trace/site.h"

#define PIECE	  65536
#define NEAR_LOW  126 /* a near jump of 2 bytes leads from 126 bytes before its start ... */
#define NEAR_HIGH 129 /* ... to 129 behind it */

extern char __text_start[], __text_end[], __krodata_start[], __adata_end[], __kbss_start[], __kbss_end[], __abss_start[];

static uint8_t *far; /* a bit for each byte of the code; null: not made yet */
static uint64_t done; /* how far it is made: an address of the image */

static void mark(uint64_t to)
{
	uint64_t bit = to - (uint64_t)__text_start;

	if (bit < (uint64_t)(__text_end - __text_start))
		far[bit / 8] |= (uint8_t)(1 << bit % 8);
}

/* A jump table of position-independent code: 4 bytes each, from the table's start. */
static void mark_table(uint64_t table)
{
	for (uint64_t at = table; at >= (uint64_t)__krodata_start && at + 4 <= (uint64_t)__adata_end && at % 4 == 0; at += 4) {
		uint64_t to = table + (uint64_t)(int64_t) * (const int32_t *)at;

		if (to < (uint64_t)__text_start || to >= (uint64_t)__text_end)
			break;
		mark(to);
	}
}

/* SDM vol. 2: CALL E8, JMP E9, Jcc 0F 8x, XBEGIN C7 F8; LEA 8D with a ModRM that says RIP. The displacement is at `at`. */
static void read_code(uint64_t at)
{
	const uint8_t *c = (const uint8_t *)at;
	uint64_t to;
	uint32_t word;

	memcpy(&word, c, 4);
	mark(word);
	to = at + 4 + (uint64_t)(int64_t)(int32_t)word;
	if ((c[-1] & 0xfe) == 0xe8 || (c[-2] == 0x0f && (c[-1] & 0xf0) == 0x80) || (c[-2] == 0xc7 && c[-1] == 0xf8))
		mark(to);
	if (c[-2] == 0x8d && (c[-1] & 0xc7) == 0x05) {
		mark(to);
		mark_table(to);
	}
}

/* The bytes from `at` on, as far as they are of one kind and at most a piece; returns where it ended. */
static uint64_t read_piece(uint64_t at)
{
	uint64_t end = MIN(at + PIECE, (uint64_t)__text_end);

	if (at < (uint64_t)__text_end) {
		for (; at < end && at + 4 <= (uint64_t)__text_end; at++)
			read_code(at);
		return end == (uint64_t)__text_end ? (uint64_t)__krodata_start : end;
	}
	if (at >= (uint64_t)__kbss_start && at < (uint64_t)__kbss_end)
		return (uint64_t)__kbss_end;
	end = MIN(at + PIECE, at < (uint64_t)__kbss_start ? (uint64_t)__kbss_start : (uint64_t)__abss_start);
	for (; at < end; at += 8)
		mark(*(const uint64_t *)at);
	return end;
}

int targets_build(void)
{
	if (!far) {
		void *p;
		int r = area_alloc((uint64_t)(__text_end - __text_start) / 8 + 1, &p);

		if (r < 0)
			return r;
		far = p;
		done = (uint64_t)__text_start + 2;
	}
	while (done < (uint64_t)__abss_start) {
		done = read_piece(done);
		kernel_relax();
	}
	return 0;
}

/* True if an instruction may start at `at`: it does in what is decoded from one of 16 places before it. One of them is
 * the start of an instruction, since none is longer than 15 bytes. Around what insn.c does not know this goes byte by
 * byte. */
static bool may_start_at(uint64_t at)
{
	uint8_t code[16];

	for (uint64_t start = at - 48; start < at - 32; start++) {
		uint64_t i = start;

		while (i < at) {
			int n = insn_length(code, site_original(i, code, sizeof(code)));

			i += n > 0 ? (uint64_t)n : 1;
		}
		if (i == at)
			return true;
	}
	return false;
}

static bool near_between(uint64_t from, uint64_t to)
{
	uint64_t low = MAX(from - NEAR_HIGH, (uint64_t)__text_start + 64), high = MIN(to + NEAR_LOW, (uint64_t)__text_end - 2);
	static uint8_t code[NEAR_LOW + NEAR_HIGH + 32];
	size_t n = site_original(low, code, MIN(high + 2 - low, sizeof(code)));

	for (size_t i = 0; i + 2 <= n; i++) {
		uint64_t target = low + i + 2 + (uint64_t)(int64_t)(int8_t)code[i + 1];

		/* Jcc 7x, LOOP and JRCXZ E0 to E3, JMP EB */
		if (((code[i] & 0xf0) == 0x70 || (code[i] & 0xfc) == 0xe0 || code[i] == 0xeb) && target > from && target < to &&
		    may_start_at(low + i))
			return true;
	}
	return false;
}

bool targets_between(uint64_t from, uint64_t to)
{
	if (done < (uint64_t)__abss_start)
		return true;
	for (uint64_t at = from + 1; at < to; at++) {
		uint64_t bit = at - (uint64_t)__text_start;

		if (far[bit / 8] >> bit % 8 & 1)
			return true;
	}
	return near_between(from, to);
}
