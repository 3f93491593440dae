/* fuzz_code.c: machine code: the bytes that a probe moves elsewhere, one instruction or as many as a jump covers, and what a
 * function begins with (trace/insn.h); and the search for WRPKRU in what becomes executable, which must find what a search byte
 * by byte finds, wherever the pieces are cut. */
#include <stdlib.h>
#include <string.h>

#include "overlay/wrpkru_scan.h"
#include "trace/insn.h"

#define AT 0x40200000u
#define TO 0x7d001000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool cond)
{
	if (!cond)
		abort();
}

/* As many instructions as a jump needs room for are those whose lengths add up to it. */
static void run(const uint8_t *code, size_t size)
{
	for (size_t room = 1; room <= 5; room++) {
		uint8_t *out = malloc(INSN_RUN_MAX);
		size_t length = 0, at = 0;
		int moved = insn_move_run(code, size, AT, room, TO, out, &length);

		must(moved < 0 || (moved >= 1 && moved <= INSN_RUN_MAX && length >= room && length <= room + 14 && length <= size));
		while (moved > 0 && at < room)
			at += (size_t)insn_length(code + at, size - at);
		must(moved < 0 || at == length);
		free(out);
	}
}

static void probe(const uint8_t *data, size_t size)
{
	uint8_t out[INSN_MOVED_MAX], *code = malloc(size ? size : 1);
	int length, moved;

	memcpy(code, data, size);
	length = insn_length(code, size);
	must(length < 0 || (length >= 1 && length <= 15 && (size_t)length <= size));
	moved = insn_move(code, size, AT, TO, out);
	must(moved < 0 || (length > 0 && moved >= 1 && moved <= INSN_MOVED_MAX));
	/* Its length does not depend on what follows. */
	if (length > 0)
		must(insn_length(code, (size_t)length) == length);
	run(code, size);
	insn_handles_return(code, size);
	free(code);
}

static bool is_wrpkru(const uint8_t *p)
{
	return p[0] == 0x0f && p[1] == 0x01 && p[2] == 0xef;
}

static void search(const uint8_t *data, size_t size)
{
	size_t from = size ? data[0] % (size + 1) : 0, to = size > 1 ? from + data[1] % (size - from + 1) : size;
	int64_t found = 0, want = 0;
	bool any = false;

	for (size_t i = from < 2 ? 0 : from - 2; i + 3 <= size && i < to && !any; i++)
		if (i + 3 > from && is_wrpkru(data + i) && i + 3 <= to + 2) {
			any = true;
			want = (int64_t)i - (int64_t)from;
		}
	if (from == to) /* nothing becomes executable: no byte of it lies in there */
		any = false;
	must(wrpkru_find(data, from, data + from, to - from, data + to, size - to, &found) == any);
	must(!any || found == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	probe(data, size);
	search(data, size);
	return 0;
}
