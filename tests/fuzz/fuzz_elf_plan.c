/*
 * fuzz_elf_plan.c: a hostile program file. If it is accepted, its plan keeps its promises, and relocating writes only
 * to loaded memory. Half of the runs mutate a valid static-PIE instead of starting from nothing.
 */
#include "overlay/elf_plan.h"
#include "overlay/elf_reloc.h"

#include <stdlib.h>

#include "tests/unit/elf_image.h"

#define BIAS 0x20000000

static struct elf_image base;
static struct elf_plan plan;
static char message[256];

static void must(bool cond)
{
	if (!cond)
		abort();
}

static int resolve(void *ctx, const struct elf_plan_symbol *s, uint64_t *ret)
{
	(void)ctx;
	must(s->undefined && !s->runtime_hook && strlen(s->name) <= ELF_PLAN_NAME_MAX);
	*ret = 0x40000000 + s->name[0];
	return 0;
}

static int write_checked(void *ctx, uint64_t vaddr, const void *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	must(n <= 8);
	if (plan.kind == ELF_PLAN_MOVABLE)
		vaddr -= BIAS;
	must(elf_plan_segment_of(&plan, vaddr, n) != NULL);
	return 0;
}

static void check(const uint8_t *image, size_t size)
{
	static const struct elf_plan_ops ops = { resolve, write_checked };
	uint64_t end = 0;

	message[0] = '\0';
	if (elf_plan_make(image, size, &plan, message, sizeof(message)) < 0) {
		must(message[0] != '\0');
		return;
	}
	for (size_t i = 0; i < plan.segment_count; i++) {
		const struct elf_plan_segment *s = &plan.segments[i];

		must(s->vaddr >= end && s->filesz <= s->memsz && s->offset <= size && s->filesz <= size - s->offset);
		end = s->vaddr + s->memsz;
		must(end > s->vaddr && end <= plan.high);
		for (int k = 0; k < 2; k++) {
			uint32_t prot = elf_plan_page_prot(&plan, (k ? end - 1 : s->vaddr) & ~4095ull);

			must(!((prot & ELF_PF_W) && (prot & ELF_PF_X)));
		}
	}
	if (plan.kind == ELF_PLAN_MOVABLE && !elf_plan_bias_ok(&plan, BIAS))
		return;
	elf_plan_relocate(&plan, plan.kind == ELF_PLAN_MOVABLE ? BIAS : 0, &ops, NULL, message, sizeof(message));
}

/* Bytes of the interesting parts, the headers and tables, replaced in triples: where (2 bytes), what. */
static void mutate(const uint8_t *data, size_t size)
{
	image_build(&base);
	for (size_t i = 0; i + 2 < size; i += 3) {
		size_t at = (data[i] | (size_t)data[i + 1] << 8) % 2048;

		if (at < 1400)
			((uint8_t *)&base)[at] = data[i + 2];
		else
			base.data[(at - 1400) % sizeof(base.data)] = data[i + 2];
	}
	check((uint8_t *)&base, sizeof(base));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && (data[0] & 1))
		mutate(data + 1, size - 1);
	else
		check(data, size);
	return 0;
}
