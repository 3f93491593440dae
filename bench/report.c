/*
 * report.c: the figures of a run, as a table for people and as JSON for programs. See bench.h.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <cjson/cJSON.h>

#include "bench/bench.h"

#define FIGURES_MAX 128
#define NOTES_MAX   64

static struct figure figures[FIGURES_MAX];
static unsigned figure_count;
static struct {
	const char *part;
	char *text;
} notes[NOTES_MAX];
static unsigned note_count;

static double ratio_of(const struct figure *f)
{
	return f->against && f->other > 0 ? f->value / f->other : NAN;
}

static bool passes(const struct figure *f)
{
	switch (f->target) {
	case TARGET_VALUE_AT_MOST:
		return f->value <= f->limit;
	case TARGET_RATIO_AT_MOST:
		return ratio_of(f) <= f->limit;
	case TARGET_RATIO_AT_LEAST:
		return ratio_of(f) >= f->limit;
	default:
		return true;
	}
}

static const char *number(double v, char *text, size_t room)
{
	if (isnan(v))
		snprintf(text, room, "-");
	else if (fabs(v) >= 1e6)
		snprintf(text, room, "%.0f", v);
	else
		snprintf(text, room, fabs(v) >= 100 ? "%.1f" : fabs(v) >= 10 ? "%.2f" : "%.3f", v);
	return text;
}

static const char *ratio_text(double v, char *text, size_t room)
{
	if (isnan(v))
		return "";
	if (v > 0 && v < 0.1)
		snprintf(text, room, "1/%.1f", 1 / v);
	else
		snprintf(text, room, fabs(v - 1) < 0.01 && v != 1 ? "%.6f" : "%.2f", v);
	return text;
}

static const char *target_text(const struct figure *f, char *text, size_t room)
{
	char limit[32];

	number(f->limit, limit, sizeof(limit));
	if (strchr(limit, '.') && f->limit == floor(f->limit))
		snprintf(limit, sizeof(limit), "%.0f", f->limit);
	switch (f->target) {
	case TARGET_VALUE_AT_MOST:
		snprintf(text, room, "≤ %s %s", limit, f->unit);
		break;
	case TARGET_RATIO_AT_MOST:
		if (f->limit < 0.5)
			snprintf(limit, sizeof(limit), "1/%.0f", 1 / f->limit);
		snprintf(text, room, "≤ %s ×", limit);
		break;
	case TARGET_RATIO_AT_LEAST:
		snprintf(text, room, "≥ %s ×", limit);
		break;
	default:
		return "";
	}
	return text;
}

void report_add(const struct figure *f)
{
	char value[32], other[32] = "", ratio[32], target[48];

	if (figure_count == FIGURES_MAX)
		die(1, "bench: too many figures");
	figures[figure_count] = *f;
	figures[figure_count].what = xstrdup(f->what);
	figures[figure_count].against = f->against ? xstrdup(f->against) : NULL;
	figure_count++;
	printf("%s  %-52s %10s %-12s", f->part, f->what, number(f->value, value, sizeof(value)), f->unit);
	if (f->against)
		printf(" | %s %s, ratio %s", f->against, number(f->other, other, sizeof(other)),
		       ratio_text(ratio_of(f), ratio, sizeof(ratio)));
	if (f->target)
		printf(" | %s %s", target_text(f, target, sizeof(target)), passes(f) ? "pass" : "MISS");
	printf("\n");
	fflush(stdout);
}

void report_note(const char *part, const char *format, ...)
{
	va_list ap;
	char *text;

	if (note_count == NOTES_MAX)
		die(1, "bench: too many notes");
	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		die(1, "bench: no memory");
	va_end(ap);
	notes[note_count].part = part;
	notes[note_count++].text = text;
}

static const char *const part_title[] = {
	"a Image size",
	"b Time to the first line of main",
	"c Memory",
	"d The cost of an idle overlay",
	"e Time of the operator's actions",
	"f The application beside an endless loop",
	"g Requests in a second, beside a Linux machine",
	"h Start to the first answer, beside a Linux machine",
	"i Least memory to serve, beside a Linux machine",
	"j The operator beside ssh in a Linux machine",
	"k The cost of an overlay for a request",
	"l eBPF on this machine, beside gcc and the Linux kernel",
};

static void write_part(FILE *f, const char *title)
{
	bool any = false;

	for (unsigned i = 0; i < figure_count; i++) {
		const struct figure *g = &figures[i];
		char value[32], p99[32], other[32], ratio[32], target[48];

		if (g->part[0] != title[0])
			continue;
		if (!any)
			fprintf(f,
				"\n## %s\n\n| what | median | p99 | n | compared to | its median | ratio | target | |\n"
				"|---|--:|--:|--:|---|--:|--:|--:|---|\n",
				title + 2);
		any = true;
		fprintf(f, "| %s | %s %s | %s | %u | %s | %s | %s | %s | %s |\n", g->what,
			number(g->value, value, sizeof(value)), g->unit,
			g->p99 <= 0 ? "" : number(g->p99, p99, sizeof(p99)), g->n, g->against ? g->against : "",
			g->against ? number(g->other, other, sizeof(other)) : "",
			ratio_text(ratio_of(g), ratio, sizeof(ratio)), target_text(g, target, sizeof(target)),
			g->target == TARGET_NONE ? ""
			: passes(g)		 ? "pass"
						 : "**miss**");
	}
	for (unsigned i = 0, first = 1; i < note_count; i++)
		if (notes[i].part[0] == title[0]) {
			fprintf(f, "%s%s\n", first ? "\n" : "\n", notes[i].text);
			first = 0;
		}
}

static void write_markdown(FILE *f)
{
	struct utsname u;

	uname(&u);
	fprintf(f,
		"# Measurements\n\nMade by `make bench` on Linux %s, %s, with QEMU's TCG. The machine may be busy with "
		"other things: compare a figure\nwith what stands beside it, not with another day's.\n",
		u.release, u.machine);
	for (size_t i = 0; i < sizeof(part_title) / sizeof(part_title[0]); i++)
		write_part(f, part_title[i]);
}

static void add_number(cJSON *object, const char *name, double v)
{
	if (isnan(v))
		cJSON_AddNullToObject(object, name);
	else
		cJSON_AddNumberToObject(object, name, v);
}

static char *make_json(void)
{
	static const char *const targets[] = {"none", "value_at_most", "ratio_at_most", "ratio_at_least"};
	cJSON *root = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(root, "figures");
	char *text;

	for (unsigned i = 0; i < figure_count; i++) {
		const struct figure *f = &figures[i];
		cJSON *o = cJSON_CreateObject();

		cJSON_AddStringToObject(o, "part", f->part);
		cJSON_AddStringToObject(o, "what", f->what);
		cJSON_AddStringToObject(o, "unit", f->unit);
		add_number(o, "median", f->value);
		if (f->p99 > 0)
			add_number(o, "p99", f->p99);
		cJSON_AddNumberToObject(o, "n", f->n);
		if (f->against) {
			cJSON_AddStringToObject(o, "compared_to", f->against);
			add_number(o, "compared_to_median", f->other);
			add_number(o, "ratio", ratio_of(f));
		}
		if (f->target != TARGET_NONE) {
			cJSON_AddStringToObject(o, "target", targets[f->target]);
			cJSON_AddNumberToObject(o, "limit", f->limit);
			cJSON_AddBoolToObject(o, "pass", passes(f));
		}
		cJSON_AddItemToArray(list, o);
	}
	text = cJSON_Print(root);
	cJSON_Delete(root);
	return text;
}

static void write_plot(void)
{
	struct plot_bar bars[FIGURES_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < figure_count; i++) {
		const struct figure *f = &figures[i];
		double v = f->target == TARGET_VALUE_AT_MOST ? f->value : ratio_of(f);

		if (f->target == TARGET_NONE || isnan(v))
			continue;
		bars[count++] = (struct plot_bar){
			.label = xasprintf("%s: %s", f->part, f->what),
			.ratio = f->target == TARGET_RATIO_AT_LEAST ? f->limit / v : v / f->limit,
			.pass = passes(f),
		};
	}
	if (plot_write("build/bench.svg", bars, count) < 0)
		die(1, "bench: cannot write build/bench.svg");
}

unsigned report_write(void)
{
	unsigned missed = 0, targets = 0;
	char *text, *json;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	write_markdown(f);
	fclose(f);
	json = make_json();
	if (file_write("build/bench.md", text, size, 0644) < 0 ||
	    file_write("build/bench.json", json, strlen(json), 0644) < 0)
		die(1, "bench: cannot write build/bench.md and build/bench.json");
	write_plot();
	for (unsigned i = 0; i < figure_count; i++) {
		targets += figures[i].target != TARGET_NONE;
		missed += !passes(&figures[i]);
	}
	printf("\n%s\n%u targets, %u missed; also in build/bench.md, build/bench.json and build/bench.svg\n", text,
	       targets, missed);
	return missed;
}
