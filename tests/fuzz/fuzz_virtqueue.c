/*
 * fuzz_virtqueue.c: the input is a device that writes what it likes into the used ring while the driver adds and collects.
 * Whatever it does: no token comes back that is not outstanding, no length exceeds what could be written, and the number
 * of free descriptors stays right.
 *
 * clang -fsanitize=fuzzer,address,undefined -I. tests/fuzz/fuzz_virtqueue.c drivers/virtqueue.c
 */
#include "drivers/virtqueue.h"

#include <stdlib.h>

#define SIZE 8
#define SEGMENT_LEN 16

struct buffer {
	bool outstanding;
	unsigned count;
	uint32_t writable;
};

static void must(bool cond)
{
	if (!cond)
		abort();
}

static void add(struct virtqueue *vq, struct buffer *b, uint8_t how)
{
	struct vq_segment s[SIZE];
	unsigned writes = how & 7;

	if (b->outstanding)
		return;
	b->count = 1 + (how >> 3) % SIZE;
	b->writable = 0;
	for (unsigned i = 0; i < b->count; i++) {
		bool w = i >= writes;

		s[i] = (struct vq_segment){ 0x1000, SEGMENT_LEN, w };
		b->writable += w ? SEGMENT_LEN : 0;
	}
	b->outstanding = vq_add(vq, s, b->count, b) == 0;
}

static void collect(struct virtqueue *vq, struct buffer *buffers)
{
	void *token;
	uint32_t len;
	struct buffer *b;
	unsigned used = 0;

	if (vq_collect(vq, &token, &len) == 1) {
		b = token;
		must(b >= buffers && b < buffers + SIZE && b->outstanding && len <= b->writable);
		b->outstanding = false;
	}
	for (unsigned i = 0; i < SIZE; i++)
		used += buffers[i].outstanding ? buffers[i].count : 0;
	must(used + vq->free_count == SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t n)
{
	struct vq_slot slots[SIZE];
	struct buffer buffers[SIZE] = { 0 };
	struct virtqueue vq;
	uint8_t *memory = aligned_alloc(16, (vq_memory_size(SIZE) + 15) & ~(size_t) 15);
	uint8_t *used;

	if (n == 0 || !memory || vq_init(&vq, SIZE, memory, slots, in[0] & 1) < 0) {
		free(memory);
		return 0;
	}
	used = (uint8_t *) vq.used;
	for (size_t i = 1; i + 2 < n; i += 3) {
		switch (in[i] % 6) {
		case 0:
		case 1:
			add(&vq, &buffers[in[i + 1] % SIZE], in[i + 2]);
			vq_kick_needed(&vq);
			break;
		case 2:
			collect(&vq, buffers);
			break;
		case 3: /* anywhere in the device's part */
			used[in[i + 1] % (vq_memory_size(SIZE) - vq_used_offset(SIZE))] = in[i + 2];
			break;
		case 4: /* a well-formed answer, perhaps to nothing */
			vq.used->ring[vq.used->idx % SIZE] = (struct vq_used_elem){ in[i + 1] % SIZE, in[i + 2] };
			vq.used->idx++;
			break;
		case 5:
			vq_interrupts(&vq, in[i + 1] & 1);
			break;
		}
	}
	free(memory);
	return 0;
}
