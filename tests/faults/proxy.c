/*
 * proxy.c: the other side of QEMU's `-fsdev proxy` (QEMU 7.2, hw/9pfs/9p-proxy.c: a header of type and size, both 32 bits,
 * little-endian, then the fields): serves the directory that it is given, for reading, as badly as the file MODE in the
 * directory CONTROL says, looked at before each answer: "good"; "late" (2 s); "error" (EIO to all); "wrong" (random
 * attributes); "die" (ends).
 *
 *	proxy SOCKET DIRECTORY CONTROL
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/un.h>
#include <unistd.h>

enum { T_SUCCESS, T_ERROR, T_OPEN, T_CREATE, T_MKNOD, T_MKDIR, T_SYMLINK, T_LINK, T_LSTAT, T_READLINK, T_STATFS };

static uint8_t answer[65536];
static size_t used;

static void put(uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		answer[used++] = (uint8_t)(v >> 8 * i);
}

static void send_answer(int fd, int32_t type)
{
	uint8_t header[8];

	memcpy(header, &(int32_t[2]){ type, (int32_t)used }, 8);
	if (write(fd, header, 8) != 8 || write(fd, answer, used) != (ssize_t)used)
		exit(0);
}

static void send_errno(int fd, int error)
{
	used = 0;
	put((uint32_t)-error, 4);
	send_answer(fd, T_ERROR);
}

static void send_open_file(int fd, int file)
{
	char space[CMSG_SPACE(sizeof(int))] = { 0 };
	int32_t status = file < 0 ? -errno : INT32_MAX; /* V9FS_FD_VALID */
	struct iovec iov = { &status, sizeof(status) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (file >= 0) {
		m.msg_control = space;
		m.msg_controllen = sizeof(space);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &file, sizeof(int));
	}
	if (sendmsg(fd, &m, MSG_NOSIGNAL) < 0)
		exit(0);
	if (file >= 0)
		close(file);
}

static void send_stat(int fd, const struct stat *s)
{
	put(s->st_dev, 8);
	put(s->st_ino, 8);
	put(s->st_nlink, 8);
	put(s->st_mode, 4);
	put(s->st_uid, 4);
	put(s->st_gid, 4);
	put(s->st_rdev, 8);
	put((uint64_t)s->st_size, 8);
	put((uint64_t)s->st_blksize, 8);
	put((uint64_t)s->st_blocks, 8);
	for (int i = 0; i < 3; i++) {
		const struct timespec *t = i == 0 ? &s->st_atim : i == 1 ? &s->st_mtim : &s->st_ctim;

		put((uint64_t)t->tv_sec, 8);
		put((uint64_t)t->tv_nsec, 8);
	}
	send_answer(fd, T_SUCCESS);
}

static void serve(int fd, const char *directory, const uint8_t *request, int32_t type)
{
	uint16_t len = (uint16_t)(request[0] | request[1] << 8);
	char path[1000], link[1000];
	struct statfs fs;
	struct stat st;
	ssize_t n;

	if (len > 800)
		len = 800;
	snprintf(path, sizeof(path), "%s/%.*s", directory, len, (const char *)request + 2);
	if (strncmp((const char *)request + 2, directory, strlen(directory)) == 0)
		snprintf(path, sizeof(path), "%.*s", len, (const char *)request + 2);
	used = 0;
	switch (type) {
	case T_LSTAT:
		if (lstat(path, &st) < 0)
			send_errno(fd, errno);
		else
			send_stat(fd, &st);
		return;
	case T_OPEN:
		send_open_file(fd, open(path, O_RDONLY));
		return;
	case T_READLINK:
		n = readlink(path, link, sizeof(link) - 1);
		if (n < 0) {
			send_errno(fd, errno);
			return;
		}
		put((uint64_t)n, 2);
		memcpy(answer + used, link, (size_t)n);
		used += (size_t)n;
		send_answer(fd, T_SUCCESS);
		return;
	case T_STATFS:
		if (statfs(path, &fs) < 0) {
			send_errno(fd, errno);
			return;
		}
		for (unsigned i = 0; i < 11; i++)
			put(i == 1 ? 4096 : 1, 8);
		send_answer(fd, T_SUCCESS);
		return;
	default:
		send_errno(fd, EROFS);
	}
}

static void mode_of(const char *control, char *mode, size_t size)
{
	char path[1000];
	FILE *f;

	snprintf(path, sizeof(path), "%s/MODE", control);
	f = fopen(path, "r");
	mode[0] = '\0';
	if (f) {
		if (!fgets(mode, (int)size, f))
			mode[0] = '\0';
		fclose(f);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static uint8_t request[65536];
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	int32_t header[2];
	char mode[20];

	if (argc != 4)
		return 2;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", argv[1]);
	unlink(argv[1]);
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 1) < 0)
		return 1;
	fd = accept(listener, NULL, NULL);
	while (recv(fd, header, sizeof(header), MSG_WAITALL) == sizeof(header)) {
		if (header[1] < 0 || header[1] > (int32_t)sizeof(request) ||
		    recv(fd, request, (size_t)header[1], MSG_WAITALL) != header[1])
			break;
		mode_of(argv[3], mode, sizeof(mode));
		if (strncmp(mode, "die", 3) == 0)
			return 0;
		if (strncmp(mode, "late", 4) == 0)
			sleep(2);
		if (strncmp(mode, "error", 5) == 0 && header[0] != T_OPEN) {
			send_errno(fd, EIO);
		} else if (strncmp(mode, "wrong", 5) == 0 && header[0] == T_LSTAT) {
			for (used = 0; used < 156;)
				put((uint64_t)random() << 32 ^ (uint64_t)random(), 4);
			send_answer(fd, T_SUCCESS);
		} else {
			serve(fd, argv[2], request, header[0]);
		}
	}
	return 0;
}
