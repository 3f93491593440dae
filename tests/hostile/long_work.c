/* long_work.c: system calls over as much address space as there is, cut into as many areas as there may be: what the kernel
 * does for one call must not keep the application waiting. The time that the longest took is for people to read. */
#include "hostile.h"
#include <sys/stat.h>
#include <time.h>

#define ALL (700UL << 20)
#define AREAS 900
#define FILES 2000

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void took(const char *what, uint64_t start)
{
	printf("%s: %lu us\n", what, (unsigned long) (now_us() - start));
}

/* A path of many names, each the last of a large directory. */
static void long_path(void)
{
	static char path[4096] = "/tmp/many";
	struct stat st;
	uint64_t start;
	char name[32];

	mkdir(path, 0700);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "/tmp/many/%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	mkdir("/tmp/many/d", 0700);
	while (strlen(path) < sizeof(path) - 8)
		strcat(path, "/d/..");
	start = now_us();
	stat(path, &st);
	took("a long path through a large directory", start);
	rmdir("/tmp/many/d");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "/tmp/many/%d", i);
		unlink(name);
	}
	rmdir("/tmp/many");
}

int main(void)
{
	char *all = mmap(NULL, ALL, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	unsigned char *vec = mmap(NULL, ALL / PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start;

	if (all == MAP_FAILED || vec == MAP_FAILED)
		return 1;
	for (int i = 0; i < AREAS; i += 2)
		mprotect(all + i * PAGE, PAGE, PROT_READ);
	for (int round = 0; round < 5; round++) {
		start = now_us();
		mlock(all, ALL);
		took("mlock", start);
		start = now_us();
		mincore(all, ALL, vec);
		took("mincore", start);
		start = now_us();
		mmap(NULL, ALL, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		took("a mapping for which there is no room", start);
	}
	long_path();
	return 0;
}
