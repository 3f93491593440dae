/* stream.h: byte streams between a program and a session: standard input, output and error of `exec` without a
 * terminal. Input is pushed in and kept in a bounded buffer; output goes straight to the session's callback, which
 * may block. A stream lives while its owner (the session) or an open file holds it. */
#ifndef UIO_FS_STREAM_H
#define UIO_FS_STREAM_H

#include "fs/vfs.h"

struct stream;
struct stream_ops {
	/* A program writes: takes bytes out of `it`. May block unless `nonblock` (-EAGAIN). Bytes taken,
	 * or an error. */
	kssize_t (*write)(void *ctx, struct iter *it, bool nonblock);
	/* POLLOUT when write would not block; enters its queue with poll_wait(). NULL: always writable. */
	unsigned (*poll)(void *ctx, struct poll_table *pt);
	/* A program has read n bytes of input: there is room for more. NULL allowed. */
	void (*consumed)(void *ctx, size_t n);
	/* No program has it open any longer (once per going from open to closed). NULL allowed. */
	void (*closed)(void *ctx);
};

/* input_size: bytes of input kept, a power of two, 0 for an output-only stream. One reference, the owner's. */
int stream_create(const struct stream_ops *ops, void *ctx, size_t input_size, struct stream **ret);
/* The owner lets go: no callback is made after this; readers get the rest and then end of file, writers EPIPE. */
void stream_detach(struct stream *s);
/* Bytes taken: fewer than n when the buffer is full. May be called from an interrupt handler. */
size_t stream_input(struct stream *s, const void *bytes, size_t n);
size_t stream_input_room(const struct stream *s);
void stream_input_eof(struct stream *s);
/* A new open file on it; flags O_RDONLY, O_WRONLY or O_RDWR. */
int stream_open(struct stream *s, uint32_t flags, struct file **ret);

#endif
