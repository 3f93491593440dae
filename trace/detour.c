/* detour.c: see detour.h. */
#include "trace/detour.h"

#include "kernel/page.h"
#include "trace/area.h"
#include "trace/insn.h"

/* The address of the site, for probe_entry.S; lea -128(%rsp), %rsp; call probe_jump; the moved instructions. */
#define HEAD 18
#define SHARE 32 /* of memory: detours stay for ever, so there is a limit to them */

extern char probe_jump[];

/* Room for n bytes of code, aligned by 8. */
static int code_place(size_t n, uint64_t *ret)
{
	static uint64_t page, pages, used = PAGE_SIZE;
	struct page_stats memory;
	void *p;
	int r;

	n = (n + 7) / 8 * 8;
	if (used + n > PAGE_SIZE) {
		page_get_stats(&memory);
		if (pages >= memory.total / SHARE)
			return -ENOMEM;
		r = area_alloc(PAGE_SIZE, &p);
		if (r < 0)
			return r;
		r = area_make_exec(p, PAGE_SIZE);
		if (r < 0) {
			area_free(p, PAGE_SIZE);
			return r;
		}
		page = (uint64_t)p;
		pages++;
		used = 0;
	}
	*ret = page + used;
	used += n;
	return 0;
}

/* The size of what insn_move*() makes does not depend on where it goes. */
int detour_moved(uint64_t at, const uint8_t *code, size_t n, uint64_t *ret, uint8_t *ret_size)
{
	uint8_t out[INSN_MOVED_MAX];
	uint64_t place;
	int r = insn_move(code, n, at, at, out);

	if (r > 0)
		r = code_place((size_t)r, &place);
	if (r < 0)
		return r;
	r = insn_move(code, n, at, place, out);
	if (r < 0)
		return r;
	*ret_size = (uint8_t)r;
	r = text_poke(place, out, (size_t)r);
	if (r < 0)
		return r;
	*ret = place;
	return 0;
}

/* The moved instructions for a detour whose head is at `head`. */
static int put_moved(const struct site *s, const uint8_t *code, size_t n, uint64_t head, uint8_t *out)
{
	static const uint8_t nothing[] = {0x90};
	size_t length;

	/* Only the jump back. */
	if (s->nop)
		return insn_move(nothing, 1, s->at + SITE_JUMP_SIZE - 1, head + HEAD, out);
	return insn_move_run(code, n, s->at, SITE_JUMP_SIZE, head + HEAD, out, &length);
}

uint64_t detour_make(const struct site *s, const uint8_t *code, size_t n, uint8_t *ret_size)
{
	uint8_t out[HEAD + INSN_RUN_MAX] = {[8] = 0x48, 0x8d, 0x64, 0x24, 0x80, 0xe8};
	int r = put_moved(s, code, n, s->at, out + HEAD);
	uint64_t head;
	int32_t rel;

	if (r < 0 || code_place(HEAD + (size_t)r, &head) < 0)
		return 0;
	memcpy(out, &s, sizeof(s));
	rel = (int32_t)((uint64_t)probe_jump - (head + HEAD));
	memcpy(out + HEAD - 4, &rel, sizeof(rel));
	r = put_moved(s, code, n, head, out + HEAD);
	if (r < 0 || text_poke(head, out, HEAD + (size_t)r) < 0)
		return 0;
	*ret_size = (uint8_t)(HEAD - 8 + r);
	return head + 8;
}

uint64_t detour_behind_probe(const struct site *s)
{
	return s->detour + HEAD - sizeof(s);
}

struct site *detour_site(uint64_t back)
{
	return *(struct site **)(back - HEAD);
}
