/*
 * memory.c: the least memory a guest needs, and what the overlay holds while nobody is connected. See bench.h.
 */
#include <elf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

#define MIB_KIB	  1024
#define STEP_KIB  128
#define FRAME_KIB 4.0

/* Whether the guest greets, and its shell answers an empty line, with this much memory. */
static bool answers(const char *image, unsigned kib)
{
	char *memory = xasprintf("%uK", kib);
	struct talk talk = {.prompt = "bench> "};
	bool ok = guest_run(image, memory, NULL, NULL) && guest_log_line("Hello", 5000, NULL, 0);

	if (ok) {
		talk.fd = guest_connect("shell.sock");
		ok = talk.fd >= 0 && talk_line(&talk, "\n", 3000) && talk_line(&talk, "help\n", 3000) &&
		     talk_line(&talk, "\n", 3000);
		if (talk.fd >= 0)
			close(talk.fd);
	}
	guest_remove();
	free(memory);
	return ok;
}

static bool greets(const char *image, unsigned kib)
{
	char *memory = xasprintf("%uK", kib);
	bool ok = guest_run(image, memory, NULL, NULL) && guest_log_line("Hello", 5000, NULL, 0);

	guest_remove();
	free(memory);
	return ok;
}

/* The smallest memory that does, `rounds` times in a row. */
static double smallest_mib(const char *image, bool (*good)(const char *image, unsigned kib), unsigned rounds)
{
	unsigned low = MIB_KIB, high = 16 * MIB_KIB; /* low does not do, high does */

	if (!good(image, high))
		return NAN;
	if (good(image, 4 * MIB_KIB))
		high = 4 * MIB_KIB;
	while (high - low > STEP_KIB) {
		unsigned middle = (low + high) / 2 / STEP_KIB * STEP_KIB;

		if (good(image, middle))
			high = middle;
		else
			low = middle;
	}
	for (unsigned i = 1; i < rounds && high < 16 * MIB_KIB; i++)
		if (!good(image, high)) {
			high += STEP_KIB;
			i = 0;
		}
	return (double)high / MIB_KIB;
}

/* Frames of the image that are code and constants, which are its size and not memory that it holds; and those it
 * writes to. */
static void image_frames(const char *path, double *ret_constant, double *ret_variable)
{
	char *data;
	size_t size;
	const Elf64_Ehdr *e;
	const Elf64_Phdr *ph;

	*ret_constant = *ret_variable = NAN;
	if (file_read(path, &data, &size) < 0)
		return;
	e = (const Elf64_Ehdr *)data;
	if (size >= sizeof(*e) && e->e_phoff <= size && e->e_phnum * sizeof(*ph) <= size - e->e_phoff) {
		ph = (const Elf64_Phdr *)(data + e->e_phoff);
		*ret_constant = *ret_variable = 0;
		for (unsigned i = 0; i < e->e_phnum; i++) {
			double *to = ph[i].p_flags & PF_W ? ret_variable : ret_constant;

			if (ph[i].p_type == PT_LOAD)
				*to += (double)((ph[i].p_vaddr + ph[i].p_memsz + 4095) / 4096 - ph[i].p_vaddr / 4096);
		}
	}
	free(data);
}

static double free_kib(const char *image)
{
	unsigned long bytes = 0;
	char line[80];

	if (guest_run(image, "16M", NULL, NULL) && guest_log_line("free ", 10000, line, sizeof(line)))
		sscanf(line, "free %lu", &bytes);
	guest_remove();
	return bytes ? (double)bytes / 1024 : NAN;
}

void bench_memory(const struct plan *p)
{
	struct series base = {0}, full = {0};
	double constant[2], variable[2], held;

	report_add(&(struct figure){"c", "smallest -m at which hello greets and its shell answers", "MiB",
				    smallest_mib(BENCH_DIR "/wait", answers, p->rounds), 0, p->rounds,
				    "-fno-overlay, greets", smallest_mib(BENCH_DIR "/wait-base", greets, p->rounds),
				    TARGET_VALUE_AT_MOST, 4});
	for (unsigned i = 0; i < p->rounds; i++) {
		series_add(&base, free_kib(BENCH_DIR "/wait-base"));
		series_add(&full, free_kib(BENCH_DIR "/wait"));
	}
	image_frames(BENCH_DIR "/wait-base", &constant[0], &variable[0]);
	image_frames(BENCH_DIR "/wait", &constant[1], &variable[1]);
	held = series_median(&base) - series_median(&full) - (constant[1] - constant[0]) * FRAME_KIB;
	report_add(&(struct figure){"c", "held by an idle overlay", "KiB", held, 0, full.n, NULL, 0,
				    TARGET_VALUE_AT_MOST, 64});
	report_note("c",
		    "Held by an idle overlay: free memory (sysinfo) of the application without the overlay (%.0f KiB "
		    "of 16 MiB) "
		    "minus\nwith it (%.0f KiB), both with the devices of `uio run` and no client, minus the overlay's "
		    "code and constants\n"
		    "(%.0f KiB, which part a counts). Its variables (%.0f KiB of the image) are counted as held.",
		    series_median(&base), series_median(&full), (constant[1] - constant[0]) * FRAME_KIB,
		    (variable[1] - variable[0]) * FRAME_KIB);
}
