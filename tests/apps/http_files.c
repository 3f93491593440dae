/*
 * http_files.c: the files that two servers are compared by: http_files DIR COUNT writes them, and their paths to the
 * standard output. Always the same: sizes 1 to 4096, then ever more seldom up to 10 MiB, the last exactly that; bytes
 * from a generator; names with the endings of many types; and a time of modification each.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 10 << 20, EACH_SIZE = 4096, ENDINGS = 18 };

static uint64_t state = 88172645463325252ull;

static uint64_t random_number(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t size_of(long i, long count)
{
	size_t octave;

	if (i == count - 1)
		return LARGEST;
	if (i < EACH_SIZE)
		return i + 1;
	/* From 4 KiB on two of five are of the next octave. */
	octave = 4096;
	while (octave < LARGEST / 2 && random_number() % 5 < 2)
		octave *= 2;
	return octave + random_number() % octave;
}

int main(int argc, char **argv)
{
	/* The first seven promise text. */
	static const char *const endings[ENDINGS] = {"html", "txt", "css", "js",  "json", "xml", "svg", "jpg",  "png",
					      "gif",  "ico", "pdf", "zip", "bin",  "mp4", "woff", "unknown", ""};
	static uint64_t data[LARGEST / 8 + 1];
	static char text[LARGEST + 8];
	long count;

	if (argc != 3 || chdir(argv[1]) < 0)
		return 2;
	count = atol(argv[2]);
	for (size_t i = 0; i < LARGEST / 8; i++)
		data[i] = random_number();
	/* Files whose names promise text can be compressed. */
	for (size_t i = 0; i < LARGEST; i++)
		text[i] = "etaoin shrdlu\n\t<>etaoin"[random_number() % 5 * (random_number() % 5)];
	for (long i = 0; i < count; i++) {
		const char *ending = endings[i % ENDINGS];
		struct timespec times[2] = {{1600000000 + i * 7919, 0}, {1600000000 + i * 7919, 0}};
		size_t size = size_of(i, count), from = random_number() % (sizeof(data) - size - 8 + 1);
		char name[64];
		int fd;

		snprintf(name, sizeof(name), "%02ld", i % 100);
		mkdir(name, 0777);
		snprintf(name, sizeof(name), "%02ld/%ld%s%s", i % 100, i, *ending ? "." : "", ending);
		fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		if (fd < 0 || write(fd, (i % ENDINGS < 7 ? text : (char *)data) + from, size) != (ssize_t)size ||
		    futimens(fd, times) < 0 || close(fd) < 0) {
			perror(name);
			return 1;
		}
		printf("/%s\n", name);
	}
	return 0;
}
