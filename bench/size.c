/*
 * size.c: sizes of images, and where their bytes come from, by the link's map. See bench.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/bench.h"

#define KIB 1024.0

static double size_kib(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? NAN : (double)st.st_size / KIB;
}

static void one(const char *what, const char *path, const char *against, double other, double limit_kib)
{
	report_add(&(struct figure){"a", what, "KiB", size_kib(path), 0, 1, against, other,
				    limit_kib > 0 ? TARGET_VALUE_AT_MOST : TARGET_NONE, limit_kib});
}

#define FOLDERS_MAX 32
struct folder {
	char name[40];
	unsigned long bytes, constants, variables;
};

static struct folder *folder(struct folder *all, unsigned *count, const char *name)
{
	for (unsigned i = 0; i < *count; i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	if (*count == FOLDERS_MAX)
		return NULL;
	snprintf(all[*count].name, sizeof(all[0].name), "%s", name);
	return &all[(*count)++];
}

/* The folder of "…/libuio-kernel.a(build/renamed/guest/fs/dev.o)" (hello is linked with -Os) or of "…/libc.a(printf.lo)". */
static void folder_name(const char *file, char *name, size_t room)
{
	const char *guest = strstr(file, "guest/"), *slash;

	if (strstr(file, "libuio") && guest) {
		guest += strlen("guest/");
		slash = strchr(guest, '/');
		snprintf(name, room, "%.*s/", slash ? (int)(slash - guest) : 0, guest);
	} else if (strstr(file, "libc.a")) {
		snprintf(name, room, "musl");
	} else if (strstr(file, "libgcc")) {
		snprintf(name, room, "libgcc");
	} else {
		snprintf(name, room, "application");
	}
}

/* A line of the map: " .text.foo  0xADDRESS  0xSIZE FILE"; a long section name has a line of its own. */
static unsigned read_map(const char *path, struct folder *all)
{
	char line[2048], section[256] = "", file[1024], name[40];
	unsigned long address, size;
	unsigned count = 0;
	FILE *f = fopen(path, "re");
	bool memory_map = false;

	while (f && fgets(line, sizeof(line), f)) {
		char *at = line;
		struct folder *to;

		memory_map |= strncmp(line, "Linker script and memory map", 28) == 0;
		if (!memory_map || line[0] != ' ')
			continue;
		if (line[1] == '.' || strncmp(line + 1, "COMMON", 6) == 0) {
			int used = 0;

			if (sscanf(line, " %255s%n", section, &used) != 1)
				continue;
			at = line + used;
		}
		if (sscanf(at, " 0x%lx 0x%lx %1023s", &address, &size, file) != 3 || !address || !size ||
		    file[0] == '*')
			continue;
		folder_name(file, name, sizeof(name));
		to = folder(all, &count, name);
		if (!to)
			continue;
		if (strncmp(section, ".text", 5) == 0 || strncmp(section, ".boot", 5) == 0)
			to->bytes += size;
		else if (strncmp(section, ".bss", 4) == 0 || strncmp(section, "COMMON", 6) == 0)
			to->variables += size;
		else if (strncmp(section, ".debug", 6) != 0 && strncmp(section, ".comment", 8) != 0)
			to->constants += size;
		section[0] = '\0';
	}
	if (f)
		fclose(f);
	return count;
}

static int by_bytes(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;

	return (int)(y->bytes + y->constants) - (int)(x->bytes + x->constants);
}

static void folders(const char *image)
{
	struct folder all[FOLDERS_MAX] = {0};
	char *path = xasprintf(BENCH_DIR "/%s.map", image), *text = NULL;
	unsigned count = read_map(path, all);
	size_t size;
	FILE *f = open_memstream(&text, &size);

	qsort(all, count, sizeof(all[0]), by_bytes);
	fprintf(f,
		"Bytes in `%s` by folder:\n\n| folder | code | constants and data | zeroed at boot "
		"|\n|---|--:|--:|--:|\n",
		image);
	for (unsigned i = 0; i < count; i++)
		fprintf(f, "| %s | %lu | %lu | %lu |\n", all[i].name, all[i].bytes, all[i].constants, all[i].variables);
	fclose(f);
	report_note("a", "%.*s", (int)size - 1, text);
	free(text);
	free(path);
}

void bench_size(const struct plan *p)
{
	double hello = size_kib("build/images/hello-base"), sqlite = size_kib("build/images/sqlite3-base");
	double sqlite_full = size_kib("build/images/sqlite3");

	one("hello -fno-overlay, stripped", "build/images/hello-base", "the same program for Linux, static musl",
	    size_kib(BENCH_DIR "/hello-linux"), 64);
	one("hello with the overlay", "build/images/hello", "-fno-overlay", hello, 200);
	one("sqlite3 with the overlay", "build/images/sqlite3", "-fno-overlay", sqlite, 0);
	report_add(&(struct figure){"a", "what the overlay adds to sqlite3", "KiB", sqlite_full - sqlite, 0, 1,
				    "-fno-overlay", sqlite, TARGET_VALUE_AT_MOST, 140});
	one("nginx with the overlay", "build/images/nginx", "-fno-overlay", size_kib("build/images/nginx-base"),
	    1.2 * KIB);
	one("redis-server with the overlay", "build/images/redis-server", "-fno-overlay",
	    size_kib("build/images/redis-server-base"), 2 * KIB);
	folders("hello-base");
	folders("hello");
}
