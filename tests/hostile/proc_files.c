/* proc_files.c ADDRESS: reads and writes the application's memory through files. */
#include "hostile.h"

int main(int argc, char **argv)
{
	static const char *const files[] = { "/proc/1/mem", "/proc/self/mem", "/proc/thread-self/mem", "/dev/mem", "/dev/kmem",
					     "/dev/port", "/proc/kcore", "/proc/1/task/1/mem" };
	long at = (long) number(argc, argv, 1);
	char buf[8];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDONLY);

		if (!refused(fd) && !refused(pread(fd, buf, 8, at)))
			ESCAPED("%s can be read", files[i]);
		close(fd);
		fd = open(files[i], O_RDWR);
		if (!refused(fd) && !refused(pwrite(fd, "x", 1, at)))
			ESCAPED("%s can be written", files[i]);
		close(fd);
	}
	return held("the application's memory as a file");
}
