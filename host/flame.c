/*
 * flame.c: see flame.h.
 */
#include "host/flame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/util.h"

#define WIDTH	  1200.0
#define SIDE	  10.0
#define ROW	  17
#define TOP	  40
#define CHARACTER 7.2  /* pixels of a letter at 12 pixels, monospace */
#define NARROWEST 0.15 /* pixels; frames below are not drawn */

struct frame {
	char *name;
	uint64_t amount;
	struct frame **child;
	size_t count;
};

static struct frame *child_of(struct frame *f, const char *name, size_t length)
{
	struct frame *c;

	/* The lines are sorted: only the last one can be the same. */
	if (f->count) {
		c = f->child[f->count - 1];
		if (strlen(c->name) == length && memcmp(c->name, name, length) == 0)
			return c;
	}
	c = xcalloc(1, sizeof(*c));
	c->name = xasprintf("%.*s", (int)length, name);
	f->child = xrealloc(f->child, (f->count + 1) * sizeof(struct frame *));
	f->child[f->count++] = c;
	return c;
}

static void add_line(struct frame *root, const struct flame_line *line)
{
	const char *at = line->frames;
	struct frame *f = root;

	root->amount += line->amount;
	while (*at) {
		size_t n = strcspn(at, ";");

		f = child_of(f, at, n);
		f->amount += line->amount;
		at += n + (at[n] == ';');
	}
}

static unsigned depth_of(const struct frame *f)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < f->count; i++) {
		unsigned d = depth_of(f->child[i]);

		deepest = d > deepest ? d : deepest;
	}
	return deepest + 1;
}

static void free_frame(struct frame *f)
{
	for (size_t i = 0; i < f->count; i++)
		free_frame(f->child[i]);
	free(f->child);
	free(f->name);
	free(f);
}

/* XML 1.0, 2.4; other control characters have no place in it at all (2.2). */
static void put_text(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length && text[i]; i++) {
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc((unsigned char)text[i] < 0x20 ? '?' : text[i], out);
		}
	}
}

/* Warm for the application, cold for the kernel; the shade is the name's. */
static void put_colour(FILE *out, const char *name)
{
	unsigned hash = 5381;

	for (const char *c = name; *c; c++)
		hash = hash * 33 ^ (unsigned char)*c;
	if (strncmp(name, "uio_k_", 6) == 0 || strncmp(name, "linux_", 6) == 0)
		fprintf(out, "rgb(%u,%u,%u)", 90 + hash % 50, 150 + hash / 50 % 50, 210 + hash / 2500 % 40);
	else
		fprintf(out, "rgb(%u,%u,%u)", 215 + hash % 40, 90 + hash / 40 % 120, hash / 4800 % 55);
}

struct drawing {
	FILE *out;
	double scale; /* pixels of one unit */
	uint64_t total;
	unsigned height;
	const char *unit_name;
};

static void draw(const struct drawing *d, const struct frame *f, double x, unsigned depth)
{
	double width = (double)f->amount * d->scale;
	size_t letters = width > 3 * CHARACTER + 6 ? (size_t)((width - 6) / CHARACTER) : 0;
	unsigned y = d->height - 30 - (depth + 1) * ROW;

	if (width < NARROWEST)
		return;
	fprintf(d->out, "<g><title>");
	put_text(d->out, f->name, SIZE_MAX);
	fprintf(d->out,
		" (%" PRIu64 " %s, %.2f%%)</title><rect x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%u\" fill=\"",
		f->amount, d->unit_name, 100.0 * (double)f->amount / (double)d->total, x, y, width, ROW - 1);
	put_colour(d->out, f->name);
	fprintf(d->out, "\" rx=\"2\"/>");
	if (letters) {
		size_t n = strlen(f->name);

		fprintf(d->out, "<text x=\"%.1f\" y=\"%u\">", x + 3, y + 12);
		put_text(d->out, f->name, n <= letters ? n : letters - 2);
		fprintf(d->out, "%s</text>", n <= letters ? "" : "..");
	}
	fprintf(d->out, "</g>\n");
	for (size_t i = 0; i < f->count; i++) {
		draw(d, f->child[i], x, depth + 1);
		x += (double)f->child[i]->amount * d->scale;
	}
}

static int by_frames(const void *a, const void *b)
{
	const struct flame_line *x = a, *y = b;

	return strcmp(x->frames, y->frames);
}

char *flame_svg(struct flame_line *lines, size_t count, const char *title, const char *unit_name)
{
	struct frame *root = xcalloc(1, sizeof(*root));
	struct drawing d = {.unit_name = unit_name};
	size_t size;
	char *text;

	root->name = xstrdup("all");
	qsort(lines, count, sizeof(*lines), by_frames);
	for (size_t i = 0; i < count; i++)
		add_line(root, &lines[i]);
	d.total = root->amount ? root->amount : 1;
	d.scale = (WIDTH - 2 * SIDE) / (double)d.total;
	d.height = depth_of(root) * ROW + TOP + 30;
	d.out = open_memstream(&text, &size);
	if (!d.out)
		die(1, "out of memory");
	fprintf(d.out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%.0f\" height=\"%u\" "
		"viewBox=\"0 0 %.0f %u\">\n"
		"<style>text{font:12px monospace}rect{stroke:#fff;stroke-width:.4}g:hover rect{stroke:#000}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fdfbf3\"/>\n"
		"<text x=\"%.0f\" y=\"24\" text-anchor=\"middle\" style=\"font-size:16px\">",
		WIDTH, d.height, WIDTH, d.height, WIDTH / 2);
	put_text(d.out, title, SIZE_MAX);
	fprintf(d.out, "</text>\n");
	draw(&d, root, SIDE, 0);
	fprintf(d.out, "</svg>\n");
	if (fclose(d.out) != 0)
		die(1, "out of memory");
	free_frame(root);
	return text;
}
