/*
 * test_proto.c: the control channel's codec: frames, messages, lists and grants.
 */
#include "tests/unit/test.h"

#include <errno.h>

#include "proto/frame.h"
#include "proto/grants.h"
#include "proto/msg.h"

static size_t frame_make(uint8_t *to, uint16_t type, uint32_t session, const void *payload, uint32_t size)
{
	struct frame_header h = { .size = size, .type = type, .session = session };

	frame_header_encode(&h, to);
	memcpy(to + FRAME_HEADER_SIZE, payload, size);
	return FRAME_HEADER_SIZE + size;
}

TEST(a_frame_header_is_twelve_little_endian_bytes)
{
	static const uint8_t want[] = { 0x04, 0x03, 0, 0, 0x10, 0, 0, 0, 0x78, 0x56, 0x34, 0x12 };
	struct frame_header h = { .size = 0x304, .type = MSG_EXEC, .session = 0x12345678 }, back;
	uint8_t buf[FRAME_HEADER_SIZE];

	frame_header_encode(&h, buf);
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(frame_header_decode(buf, &back), 0);
	assert_int_equal(back.session, 0x12345678);
}

TEST(frames_come_out_whole_however_the_stream_is_cut)
{
	uint8_t stream[200], *buf = malloc(FRAME_MAX);
	size_t size = frame_make(stream, MSG_STDIN, 1, "hello", 5);

	size += frame_make(stream + size, MSG_OK, 2, "", 0);
	size += frame_make(stream + size, MSG_STDOUT, 3, "world!", 6);
	for (size_t cut = 1; cut <= size; cut++) {
		struct frame_parser p;
		struct frame f;
		size_t at = 0, frames = 0, used;

		frame_parser_init(&p, buf);
		while (at < size) {
			size_t n = size - at < cut ? size - at : cut;
			int r = frame_feed(&p, stream + at, n, &used, &f);

			assert_true(r >= 0);
			at += used;
			frames += (size_t)r;
			if (r > 0)
				assert_int_equal(f.header.session, frames);
		}
		assert_int_equal(frames, 3);
		assert_memory_equal(f.payload, "world!", 6);
	}
	free(buf);
}

TEST(a_payload_longer_than_the_limit_is_refused_before_it_is_read)
{
	struct frame_header h = { .size = FRAME_PAYLOAD_MAX + 1 };
	uint8_t bytes[FRAME_HEADER_SIZE], *buf = malloc(FRAME_MAX);
	struct frame_parser p;
	struct frame f;
	size_t used = 77;

	frame_header_encode(&h, bytes);
	frame_parser_init(&p, buf);
	assert_int_equal(frame_feed(&p, bytes, sizeof(bytes), &used, &f), -EPROTO);
	assert_int_equal(used, 77);
	free(buf);
}

TEST(the_client_finds_its_hello_behind_any_garbage)
{
	struct msg_hello hello = { .nonce = "0123456789abcde", .version = 1, .features = 5 };
	uint8_t stream[300], payload[PROTO_HELLO_SIZE];
	struct frame_sync sync;
	size_t garbage, size, used;

	for (garbage = 0; garbage < 60; garbage++) {
		for (size_t i = 0; i < garbage; i++)
			stream[i] = (uint8_t)(i * 7);
		/* The worst garbage: the beginning of the very thing. */
		if (garbage > 20) {
			struct frame_header h = { .size = PROTO_HELLO_SIZE, .type = MSG_HELLO_OK };

			frame_header_encode(&h, stream + garbage - 20);
			memcpy(stream + garbage - 8, hello.nonce, 8);
		}
		assert_int_equal(msg_hello_encode(&hello, payload, sizeof(payload)), PROTO_HELLO_SIZE);
		size = garbage + frame_make(stream + garbage, MSG_HELLO_OK, 0, payload, PROTO_HELLO_SIZE);
		frame_sync_init(&sync, MSG_HELLO_OK, PROTO_HELLO_SIZE, hello.nonce);
		for (size_t at = 0;; at++) {
			assert_true(at < size);
			if (frame_sync_feed(&sync, stream + at, 1, &used)) {
				assert_int_equal(at + 1, garbage + FRAME_HEADER_SIZE + FRAME_NONCE_SIZE);
				break;
			}
		}
	}
}

TEST(a_hello_of_another_nonce_is_not_ours)
{
	struct msg_hello other = { .nonce = "another", .version = 1 };
	uint8_t stream[100], payload[PROTO_HELLO_SIZE], nonce[FRAME_NONCE_SIZE] = "ours";
	struct frame_sync sync;
	size_t used, size;

	msg_hello_encode(&other, payload, sizeof(payload));
	size = frame_make(stream, MSG_HELLO_OK, 0, payload, sizeof(payload));
	frame_sync_init(&sync, MSG_HELLO_OK, PROTO_HELLO_SIZE, nonce);
	assert_int_equal(frame_sync_feed(&sync, stream, size, &used), 0);
	assert_int_equal(used, size);
}

static void make_exec(struct msg_exec *m, uint8_t lists[4][200])
{
	struct msg_list_builder b;

	*m = (struct msg_exec){
		.flags = EXEC_TTY | EXEC_STDIN,
		.source = EXEC_HASH,
		.path = "peek",
		.cwd = "/tmp",
		.rows = 24,
		.cols = 80,
		.grants = GRANTS_DEBUG,
		.cpu_per_mille = 100,
		.memory_bytes = 1 << 20,
		.timeout_ns = 5000000000ull,
	};
	memset(m->sha256, 0xab, sizeof(m->sha256));
	msg_list_start(&b, lists[0], 200);
	msg_list_add_string(&b, "peek");
	msg_list_add_string(&b, "");
	msg_list_finish(&b, &m->argv);
	msg_list_start(&b, lists[1], 200);
	msg_list_add_string(&b, "A=b");
	msg_list_finish(&b, &m->env);
	msg_list_start(&b, lists[2], 200);
	msg_list_finish(&b, &m->calls);
	msg_list_start(&b, lists[3], 200);
	msg_list_add_symbol(&b, &(struct msg_symbol) { "globalDb", 0x40012340, 8, 1 });
	msg_list_finish(&b, &m->symbols);
}

TEST(an_exec_comes_back_as_it_was_sent)
{
	uint8_t lists[4][200], buf[600];
	struct msg_symbol symbol;
	struct msg_exec m, back;
	struct msg_iter it;
	const char *word;
	int size;

	make_exec(&m, lists);
	size = msg_exec_encode(&m, buf, sizeof(buf));
	assert_true(size > 0);
	assert_int_equal(msg_exec_decode(buf, (size_t)size, &back), 0);
	assert_string_equal(back.path, "peek");
	assert_string_equal(back.cwd, "/tmp");
	assert_int_equal(back.grants, GRANTS_DEBUG);
	assert_int_equal(back.timeout_ns, 5000000000ull);
	msg_iter_start(&it, &back.argv);
	assert_true(msg_next_string(&it, &word));
	assert_string_equal(word, "peek");
	assert_true(msg_next_string(&it, &word));
	assert_string_equal(word, "");
	assert_false(msg_next_string(&it, &word));
	msg_iter_start(&it, &back.symbols);
	assert_true(msg_next_symbol(&it, &symbol));
	assert_string_equal(symbol.name, "globalDb");
	assert_int_equal(symbol.address, 0x40012340);
}

TEST(a_message_cut_off_or_with_bytes_left_over_is_refused)
{
	uint8_t lists[4][200], buf[601], *exact;
	struct msg_exec m, back;
	int size;

	make_exec(&m, lists);
	size = msg_exec_encode(&m, buf, sizeof(buf));
	for (int n = 0; n < size; n++) {
		/* A block of just that size, so that ASan sees a read beyond it. */
		exact = malloc((size_t)n + 1);
		memcpy(exact, buf, (size_t)n);
		assert_int_equal(msg_exec_decode(exact, (size_t)n, &back), -EBADMSG);
		free(exact);
	}
	buf[size] = 0;
	assert_int_equal(msg_exec_decode(buf, (size_t)size + 1, &back), -EBADMSG);
}

TEST(an_encoder_never_writes_beyond_its_buffer)
{
	uint8_t lists[4][200], buf[600];
	struct msg_exec m;
	int size;

	make_exec(&m, lists);
	size = msg_exec_encode(&m, buf, sizeof(buf));
	for (int n = 0; n < size; n++) {
		uint8_t *exact = malloc((size_t)n + 1);

		assert_int_equal(msg_exec_encode(&m, exact, (size_t)n), -EMSGSIZE);
		free(exact);
	}
}

TEST(unknown_grants_flags_and_sources_are_refused)
{
	uint8_t lists[4][200], buf[600];
	struct msg_exec m, back;
	int size;

	make_exec(&m, lists);
	m.grants = 0x100;
	size = msg_exec_encode(&m, buf, sizeof(buf));
	assert_int_equal(msg_exec_decode(buf, (size_t)size, &back), -EBADMSG);
	make_exec(&m, lists);
	m.flags = 4;
	size = msg_exec_encode(&m, buf, sizeof(buf));
	assert_int_equal(msg_exec_decode(buf, (size_t)size, &back), -EBADMSG);
	make_exec(&m, lists);
	m.source = 2;
	size = msg_exec_encode(&m, buf, sizeof(buf));
	assert_int_equal(msg_exec_decode(buf, (size_t)size, &back), -EBADMSG);
}

TEST(a_string_with_a_zero_inside_or_without_one_at_its_end_is_refused)
{
	static const uint8_t inside[] = { 3, 0, 'a', 0, 'b', 0 }, open_end[] = { 2, 0, 'a', 'b', 'c' };
	const char *string = "untouched";

	assert_int_equal(msg_string_decode(inside, sizeof(inside), &string), -EBADMSG);
	assert_int_equal(msg_string_decode(open_end, sizeof(open_end), &string), -EBADMSG);
	assert_string_equal(string, "untouched");
}

TEST(a_list_that_claims_more_items_than_it_has_is_refused)
{
	struct msg_stats_row row = { .subject = STATS_PROGRAM, .pid = 7, .name = "wc" }, back;
	struct msg_list_builder b;
	uint8_t list[64], buf[128];
	int size;

	msg_list_start(&b, list, sizeof(list));
	msg_list_add_number(&b, "cpu_ns", 42);
	assert_int_equal(msg_list_finish(&b, &row.values), 0);
	size = msg_stats_row_encode(&row, buf, sizeof(buf));
	assert_int_equal(msg_stats_row_decode(buf, (size_t)size, &back), 0);
	row.values.count = 2;
	size = msg_stats_row_encode(&row, buf, sizeof(buf));
	assert_int_equal(msg_stats_row_decode(buf, (size_t)size, &back), -EBADMSG);
}

TEST(a_list_that_does_not_fit_says_so)
{
	struct msg_list_builder b;
	struct msg_list list;
	uint8_t buf[8];

	msg_list_start(&b, buf, sizeof(buf));
	msg_list_add_string(&b, "fits");
	assert_int_equal(msg_list_finish(&b, &list), 0);
	msg_list_add_string(&b, "does not");
	assert_int_equal(msg_list_finish(&b, &list), -EMSGSIZE);
}

TEST(windows_of_nothing_or_of_unknown_streams_are_refused)
{
	struct msg_window m = { .stream = STREAM_STDERR, .bytes = 1 }, back;
	uint8_t buf[8];
	int size = msg_window_encode(&m, buf, sizeof(buf));

	assert_int_equal(msg_window_decode(buf, (size_t)size, &back), 0);
	buf[0] = 3;
	assert_int_equal(msg_window_decode(buf, (size_t)size, &back), -EBADMSG);
	m.bytes = 0;
	size = msg_window_encode(&m, buf, sizeof(buf));
	assert_int_equal(msg_window_decode(buf, (size_t)size, &back), -EBADMSG);
}

TEST(grants_are_read_as_they_are_written)
{
	struct msg_list_builder calls;
	uint8_t buf[64];
	uint32_t grants = 0;
	const char *bad;
	char text[64];

	msg_list_start(&calls, buf, sizeof(buf));
	assert_int_equal(grants_parse("read,call=f,call=g,fs=rw", &grants, &calls, &bad), 0);
	assert_int_equal(grants, GRANT_READ | GRANT_CALL | GRANT_FS_RO | GRANT_FS_RW);
	assert_int_equal(calls.count, 2);
	assert_int_equal(grants_format(grants, text, sizeof(text)), strlen("read,call,fs=rw"));
	assert_string_equal(text, "read,call,fs=rw");
	assert_int_equal(grants_format(0, text, sizeof(text)), 4);
	assert_string_equal(text, "none");
	grants_format(GRANT_ALL, text, 6);
	assert_string_equal(text, "read,");
}

TEST(a_word_that_is_no_grant_is_pointed_at_and_changes_nothing)
{
	const char *list = "read,wirte", *bad;
	uint32_t grants = GRANT_NET;

	assert_int_equal(grants_parse(list, &grants, NULL, &bad), -EINVAL);
	assert_ptr_equal(bad, list + 5);
	assert_int_equal(grants, GRANT_NET);
	assert_int_equal(grants_parse("call=f", &grants, NULL, &bad), -EINVAL);
	assert_int_equal(grants_profile("root", &grants), -ENOENT);
}

TEST_MAIN
