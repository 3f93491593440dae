/*
 * push_wrong.c NAME FILE: pushes FILE, with its last byte changed, under the hash of FILE as it is. Prints what the
 * guest says; exit 0 if it refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/client.h"
#include "host/copy.h"
#include "host/request.h"
#include "host/util.h"
#include "host/vm.h"

int main(int argc, char **argv)
{
	struct msg_push m = {.kind = PUSH_PROGRAM, .mode = S_IFREG | 0755, .path = "wrong"};
	uint8_t payload[256], stream = STREAM_STDIN;
	uint64_t window = PROTO_WINDOW_START;
	char *data, *text = NULL;
	struct msg_window w;
	struct frame frame;
	struct client *c;
	uint32_t session;
	size_t size, at = 0;

	if (argc != 3 || file_read(argv[2], &data, &size) < 0 || size == 0 || copy_hash(argv[2], m.sha256, &m.size) < 0)
		die(2, "usage: push-wrong NAME FILE");
	data[size - 1] ^= 1;
	c = client_get(vm_get_running(argv[1]));
	session = client_session(c);
	client_send_encoded(c, MSG_PUSH, session, payload, msg_push_encode(&m, payload, sizeof(payload)));
	for (;;) {
		size_t n = size - at < 8192 ? size - at : 8192;

		if (at < size && n <= window) {
			client_send(c, MSG_STDIN, session, data + at, n);
			at += n;
			window -= n;
			if (at == size)
				client_send(c, MSG_END, session, &stream, 1);
			continue;
		}
		if (client_receive(c, 10000, &frame) <= 0)
			die(2, "no answer");
		if (frame.header.session != session)
			continue;
		if (frame.header.type == MSG_WINDOW && msg_window_decode(frame.payload, frame.header.size, &w) == 0)
			window += w.bytes;
		if (frame.header.type == MSG_OK)
			die(1, "the guest took it");
		if (frame.header.type == MSG_ERROR) {
			request_error(&frame, &text);
			puts(text);
			return 0;
		}
	}
}
