/*
 * plot.c: one bar for each target, as long as the share of the limit that is used. See bench.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

#define WIDTH	900
#define LABELS	420
#define ROW	24
#define TOP	40
#define FULL	300 /* pixels of a bar that just meets its limit */
#define BAR_MAX (WIDTH - LABELS - 70)

static void escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		default:
			putc(*text, f);
		}
	}
}

int plot_write(const char *path, const struct plot_bar *bars, unsigned count)
{
	unsigned height = TOP + ROW * count + 20;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int r;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" font-family=\"sans-serif\" "
		"font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		WIDTH, height);
	fprintf(f, "<text x=\"10\" y=\"20\" font-size=\"14\">How much of each limit is used</text>\n");
	for (unsigned i = 0; i < count; i++) {
		unsigned y = TOP + ROW * i;
		double length = bars[i].ratio * FULL;

		if (length > BAR_MAX)
			length = BAR_MAX;
		fprintf(f, "<text x=\"%d\" y=\"%u\" text-anchor=\"end\">", LABELS - 8, y + 14);
		escaped(f, bars[i].label);
		fprintf(f, "</text>\n<rect x=\"%d\" y=\"%u\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", LABELS,
			y + 3, length, ROW - 8, bars[i].pass ? "#4a8f5b" : "#c0504d");
		fprintf(f, "<text x=\"%.1f\" y=\"%u\">%.0f %%</text>\n", LABELS + length + 5, y + 15,
			bars[i].ratio * 100);
	}
	fprintf(f,
		"<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%u\" stroke=\"black\" stroke-dasharray=\"4 3\"/>\n</svg>\n",
		LABELS + FULL, TOP - 6, LABELS + FULL, height - 12);
	fclose(f);
	r = file_write(path, text, size, 0644);
	free(text);
	return r;
}
