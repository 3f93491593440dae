/*
 * drivers.c: a guest that talks to its drivers directly, on behalf of run-drivers.sh. The kernel's names carry the
 * archive's prefix; its functions run between kernel_enter() and kernel_leave(), as a system call would.
 *
 * With the argument "late" it tests only what happens to 9P answers that come too late (uio.9p_timeout=...), with
 * "console" only the console, with "flood" a port whose reader comes and goes. Otherwise it prints a line per test,
 * then serves the port "uio.echo": what comes in goes out again, until the host closes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct vport;
struct waitq;
struct p9_transport;
struct paddr { uint64_t pa; };
struct p9_segment { struct paddr at; uint32_t len; };

#define DECLARE(ret, name, ...) ret name(__VA_ARGS__) __asm__("uio_k_" #name)
DECLARE(void, kernel_enter, void);
DECLARE(bool, kernel_leave, long *);
DECLARE(struct vport *, vport_find, const char *);
DECLARE(size_t, vport_read, struct vport *, void *, size_t);
DECLARE(size_t, vport_write, struct vport *, const void *, size_t);
DECLARE(bool, vport_host_open, const struct vport *);
DECLARE(unsigned, vport_generation, const struct vport *);
DECLARE(struct waitq *, vport_readers, struct vport *);
DECLARE(struct waitq *, vport_writers, struct vport *);
DECLARE(int, waitq_wait, struct waitq *, int kind, const char *, uint64_t deadline_ns, bool interruptible);
DECLARE(int, rng_read, void *, size_t);
DECLARE(void, random_get, void *, size_t);
DECLARE(int, p9_transport_find, const char *, struct p9_transport **);
DECLARE(int, p9_rpc, struct p9_transport *, const void *, size_t, void *, size_t, size_t *);
DECLARE(int, p9_rpc_zc, struct p9_transport *, const void *, size_t, void *, size_t, const struct p9_segment *,
	unsigned, bool, size_t *);
DECLARE(int, page_alloc_zeroed, struct paddr *);
DECLARE(unsigned, page_refs, struct paddr);
struct page_stats { uint64_t total, free, min_free; };
DECLARE(void, page_get_stats, struct page_stats *);

#define DIRECT_MAP 0xffff800000000000ULL

static void test(const char *name, bool good)
{
	printf("%s - %s\n", good ? "ok" : "not ok", name);
}

static unsigned different_bytes(const uint8_t *p, size_t n)
{
	bool seen[256] = { 0 };
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		count += !seen[p[i]];
		seen[p[i]] = true;
	}
	return count;
}

static void test_random(void)
{
	static uint8_t a[5000], b[5000];
	long r;

	kernel_enter();
	r = rng_read(a, sizeof(a));
	kernel_leave(&(long){ 0 });
	test("rng_device_fills_a_buffer_larger_than_a_request", r == 0 && different_bytes(a, sizeof(a)) == 256);
	kernel_enter();
	random_get(a, sizeof(a));
	random_get(b, sizeof(b));
	kernel_leave(&(long){ 0 });
	test("generator_never_repeats_itself", different_bytes(a, sizeof(a)) == 256 && memcmp(a, b, sizeof(a)) != 0);
}

/* 9P2000.L messages by hand: size[4] type[1] tag[2] ... */
static uint8_t message[8192], answer[8192];
static size_t message_len;

static void put(uint64_t v, unsigned bytes)
{
	while (bytes--) {
		message[message_len++] = (uint8_t) v;
		v >>= 8;
	}
}

static void put_string(const char *s)
{
	put(strlen(s), 2);
	while (*s)
		put((uint8_t) *s++, 1);
}

static void begin(unsigned type)
{
	message_len = 4;
	put(type, 1);
	put(1, 2);
}

/* Sends; true if the answer is of type `expect`. `extra` bytes of payload follow. */
static bool rpc(struct p9_transport *t, unsigned expect, size_t rxcap, const struct p9_segment *payload, unsigned count,
		uint32_t extra, bool device_writes, size_t *ret_len)
{
	uint32_t size = (uint32_t) message_len + extra;
	int r;

	memcpy(message, &size, 4);
	kernel_enter();
	r = p9_rpc_zc(t, message, message_len, answer, rxcap, payload, count, device_writes, ret_len);
	kernel_leave(&(long){ 0 });
	if (r < 0)
		printf("# 9p: error %d\n", -r);
	else if (answer[4] != expect)
		printf("# 9p: answer of type %u, %u\n", answer[4], answer[7]);
	return r == 0 && answer[4] == expect;
}

enum { TVERSION = 100, TATTACH = 104, TWALK = 110, TREAD = 116, TWRITE = 118, TLOPEN = 12, TLCREATE = 14 };

/* Fid 0 is the directory, fid 1 its file "big", open. */
static void open_big(struct p9_transport *t)
{
	size_t len = 0;
	bool good;

	begin(TVERSION);
	put(8192, 4);
	put_string("9P2000.L");
	test("server_answers_a_version_message", rpc(t, TVERSION + 1, 100, NULL, 0, 0, false, &len) && len == 21);

	begin(TATTACH);
	put(0, 4);
	put(~0u, 4);
	put_string("");
	put_string("");
	put(0, 4);
	good = rpc(t, TATTACH + 1, 100, NULL, 0, 0, false, &len);
	begin(TWALK);
	put(0, 4);
	put(1, 4);
	put(1, 2);
	put_string("big");
	good = good && rpc(t, TWALK + 1, 100, NULL, 0, 0, false, &len);
	begin(TLOPEN);
	put(1, 4);
	put(0, 4);
	test("file_is_opened", good && rpc(t, TLOPEN + 1, 100, NULL, 0, 0, false, &len));
}

static void test_9p(void)
{
	static const char text[] = "written by the guest";
	struct p9_transport *t = NULL;
	struct p9_segment pages[2];
	size_t len = 0;
	bool good;
	char *first, *second;

	kernel_enter();
	test("transport_with_another_tag_is_not_found", p9_transport_find("nobody", &t) < 0);
	p9_transport_find("host", &t);
	page_alloc_zeroed(&pages[0].at);
	page_alloc_zeroed(&pages[1].at);
	kernel_leave(&(long){ 0 });
	if (!t) {
		test("transport_is_found_by_its_tag", false);
		return;
	}
	first = (char *) (pages[0].at.pa + DIRECT_MAP);
	second = (char *) (pages[1].at.pa + DIRECT_MAP);

	open_big(t);

	/* "big" holds its own offsets: 16-byte lines. */
	begin(TREAD);
	put(1, 4);
	put(160, 8);
	put(8000, 4);
	good = rpc(t, TREAD + 1, 8011, NULL, 0, 0, false, &len);
	test("read_copies_an_answer_of_several_pages", good && len == 8011 &&
	     memcmp(answer + 11, "offset       160", 16) == 0 &&
	     memcmp(answer + 11 + 4096, "offset      4256", 16) == 0);

	pages[0] = (struct p9_segment){ { pages[0].at.pa }, 4096 };
	pages[1].len = 4000;
	begin(TREAD);
	put(1, 4);
	put(1600, 8);
	put(8096, 4);
	test("read_puts_the_payload_into_the_pages_given", rpc(t, TREAD + 1, 11, pages, 2, 0, true, &len) &&
	     len == 11 + 8096 && memcmp(first, "offset      1600", 16) == 0 &&
	     memcmp(second, "offset      5696", 16) == 0);
	test("pages_are_released_after_the_answer", page_refs(pages[0].at) == 1 && page_refs(pages[1].at) == 1);

	begin(TWALK);
	put(0, 4);
	put(2, 4);
	put(0, 2);
	good = rpc(t, TWALK + 1, 100, NULL, 0, 0, false, &len);
	begin(TLCREATE);
	put(2, 4);
	put_string("made");
	put(02 | 0100, 4);
	put(0644, 4);
	put(0, 4);
	good = good && rpc(t, TLCREATE + 1, 100, NULL, 0, 0, false, &len);
	memcpy(first, text, sizeof(text) - 1);
	pages[0].len = sizeof(text) - 1;
	begin(TWRITE);
	put(2, 4);
	put(0, 8);
	put(sizeof(text) - 1, 4);
	test("write_takes_the_payload_from_the_pages_given", good &&
	     rpc(t, TWRITE + 1, 100, pages, 1, sizeof(text) - 1, false, &len));

	pages[0].at.pa += 4000;
	pages[0].len = 4096;
	begin(TREAD);
	kernel_enter();
	good = p9_rpc_zc(t, message, message_len, answer, 11, pages, 1, true, &len) == -22;
	kernel_leave(&(long){ 0 });
	test("segment_across_a_page_border_is_refused", good);
	kernel_enter();
	good = p9_rpc(t, message, message_len, answer, 121 * 4096, &len) == -7;
	kernel_leave(&(long){ 0 });
	test("answer_larger_than_the_queue_is_refused", good);
}

/* Reads that the host lets wait, each given up by us before its answer comes. */
static void test_9p_late(void)
{
	enum { READS = 8 };
	struct p9_transport *t = NULL;
	struct page_stats before, during, after;
	unsigned late = 0;
	size_t len;

	kernel_enter();
	p9_transport_find("host", &t);
	kernel_leave(&(long){ 0 });
	open_big(t);
	kernel_enter();
	page_get_stats(&before);
	kernel_leave(&(long){ 0 });
	for (unsigned i = 0; i < READS; i++) {
		begin(TREAD);
		put(1, 4);
		put(0, 8);
		put(16, 4);
		memcpy(message, &(uint32_t){ (uint32_t) message_len }, 4);
		kernel_enter();
		late += p9_rpc(t, message, message_len, answer, 100, &len) == -5;
		kernel_leave(&(long){ 0 });
	}
	kernel_enter();
	page_get_stats(&during);
	kernel_leave(&(long){ 0 });
	sleep(5);
	kernel_enter();
	page_get_stats(&after);
	kernel_leave(&(long){ 0 });
	printf("# %u of %u too late; free frames %lu, then %lu, then %lu\n", late, READS, before.free, during.free,
	       after.free);
	test("request_that_takes_too_long_ends_with_an_error", late >= READS / 2);
	/* Two frames a request; some answers are here already. A frame or two of the heap are no loss. */
	test("device_keeps_the_memory_of_requests_given_up", during.free + READS / 2 <= before.free);
	test("late_answers_give_the_memory_back", after.free + 2 >= before.free);
}

static void echo(void)
{
	static char buf[700];
	struct vport *p;
	size_t total = 0;
	bool was_open = false;

	kernel_enter();
	p = vport_find("uio.echo");
	test("port_is_found_by_its_name", p != NULL);
	test("port_that_does_not_exist_is_not_found", vport_find("uio.nobody") == NULL);
	while (p) {
		size_t n = vport_read(p, buf, sizeof(buf)), done = 0;

		if (n == 0) {
			if (was_open && !vport_host_open(p))
				break;
			was_open |= vport_host_open(p);
			waitq_wait(vport_readers(p), 0, "echo", UINT64_MAX, false);
			continue;
		}
		was_open = true;
		total += n;
		while ((done += vport_write(p, buf + done, n - done)) < n)
			waitq_wait(vport_writers(p), 0, "echo", UINT64_MAX, false);
	}
	kernel_leave(&(long){ 0 });
	printf("# echoed %zu bytes\n", total);
	test("port_that_the_host_closed_says_so", p && !vport_host_open(p) && vport_generation(p) == 1);
}

/* Writes as fast as the host takes it, over many connections, until the host says "end". */
static void flood(void)
{
	static char line[600], in[8];
	struct vport *p;
	unsigned generation;

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\n';
	kernel_enter();
	p = vport_find("uio.echo");
	while (p && vport_read(p, in, sizeof(in)) == 0) {
		struct waitq *q = vport_host_open(p) ? vport_writers(p) : vport_readers(p);

		if (!vport_host_open(p) || vport_write(p, line, sizeof(line)) < sizeof(line))
			waitq_wait(q, 0, "flood", UINT64_MAX, false);
	}
	generation = p ? vport_generation(p) : 0;
	kernel_leave(&(long){ 0 });
	printf("# %u connections\n", generation);
	test("port_outlives_readers_that_vanish_in_the_middle", generation == 8);
}

static void test_console(void)
{
	char line[100] = "";
	bool got;

	printf("ready\n");
	got = fgets(line, sizeof(line), stdin) != NULL;
	test("console_input_arrives", got && strcmp(line, "typed on the host\n") == 0);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && strcmp(argv[1], "late") == 0) {
		test_9p_late();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "flood") == 0) {
		printf("ready\n");
		flood();
		return 0;
	}
	if (argc == 2) {
		test_console();
		return 0;
	}
	test_random();
	test_9p();
	test_console();
	echo();
	return 0;
}
