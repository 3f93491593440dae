/*
 * bpf_wrong.c NAME WAY [OBJECT [ADDRESS...]]: a client that is not `uio bpf`, on a control channel:
 *	malformed SEED		messages of random bytes, and each request with missing, huge and foreign values
 *	refused OBJECT...	objects that the verifier refuses: loaded, pinned, and their programs attached and run all the same
 *	storm OBJECT ADDRESS	its first program put on the function and taken off, 300 times
 *	die OBJECT ADDRESS...	attached to the functions, and gone without a word, in the middle of a frame
 * Prints what the guest made of it; exit 0 if that was right.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/bpf.h"
#include "host/request.h"
#include "host/util.h"

#define STORM 300

static struct bpf_call call;
static uint32_t program, object;

static void on_row(const struct msg_event *row, void *context)
{
	if (strcmp(row->name, "program") == 0 && program == 0)
		program = (uint32_t)bpf_number(row, "id");
	if (strcmp(row->name, "object") == 0)
		object = (uint32_t)bpf_number(row, "id");
}

static const char *number(uint64_t n)
{
	static char text[8][24];
	static unsigned next;
	char *t = text[next++ % 8];

	snprintf(t, 24, "%llu", (unsigned long long)n);
	return t;
}

/* True if the guest still answers. */
static bool alive(void)
{
	uint8_t token[8];
	struct frame f;
	int r;

	client_send_encoded(call.client, MSG_PING, 0, token, msg_u64_encode(4711, token, sizeof(token)));
	while ((r = client_receive(call.client, 20000, &f)) > 0)
		if (f.header.type == MSG_PONG)
			return true;
	return false;
}

static int malformed(unsigned seed)
{
	static const char *const names[] = {"verify", "load", "unload", "pin", "probe", "detach", "exec", "list", "prog", "maps",
					    "map-dump", "map-update", "map-delete", "sample", "switch", "stacks", "", "\x1b[2J"};
	static const char *const keys[] = {"program", "object", "map", "function", "offset", "return", "syscall", "sha256", "name",
					   "key", "value", "context", "types", "pin", "address", "pid", "hz", "jited"};
	static const char *const values[] = {"", "0", "1", "-1", "4294967295", "18446744073709551615", "99999999999999999999", "0x",
					     "ffff800000100000", "18446603336221196288", "1074790400", "zz", "\xff\xfe", "1e9"};
	uint8_t payload[FRAME_PAYLOAD_MAX];
	static uint8_t list[FRAME_PAYLOAD_MAX];
	unsigned sent = 0;

	srandom(seed);
	for (unsigned i = 0; i < 400; i++) {
		size_t n = (size_t)random() % 400;

		for (size_t k = 0; k < n; k++)
			payload[k] = (uint8_t)random();
		client_send(call.client, MSG_BPF, client_session(call.client), payload, n);
		sent++;
	}
	for (unsigned i = 0; i < 2000; i++) {
		struct msg_event m = {.name = names[(size_t)random() % (sizeof(names) / sizeof(names[0]))]};
		struct msg_list_builder b;
		static char text[9000];
		int n;

		msg_list_start(&b, list, sizeof(list));
		for (long k = random() % 6; k > 0; k--) {
			const char *value = values[(size_t)random() % (sizeof(values) / sizeof(values[0]))];

			if (random() % 16 == 0) {
				memset(text, "0f a"[random() % 4], sizeof(text) - 1);
				value = text + random() % 9000;
			}
			msg_list_add_pair(&b, keys[(size_t)random() % (sizeof(keys) / sizeof(keys[0]))], value);
		}
		if (msg_list_finish(&b, &m.values) < 0)
			continue;
		n = msg_event_encode(&m, payload, sizeof(payload));
		/* Cut short sometimes, or with a byte changed. */
		if (n > 0 && random() % 4 == 0)
			n = (int)(random() % n);
		else if (n > 0 && random() % 4 == 0)
			payload[random() % n] ^= (uint8_t)(1 << random() % 8);
		client_send_encoded(call.client, MSG_BPF, client_session(call.client), payload, n);
		sent++;
		if (i % 100 == 0 && !alive())
			die(1, "no answer after %u messages", sent);
	}
	printf("%u messages, and the guest answers\n", sent);
	return !alive();
}

static int refused(char **files)
{
	unsigned count = 0;
	char *text;
	int r;

	for (; *files; files++) {
		for (int pin = 0; pin < 2; pin++) {
			text = NULL;
			r = bpf_request(&call, on_row, NULL, &text, "load", "sha256", bpf_hash(&call, *files), "name", "refused", pin ? "pin" : NULL,
					"1", NULL);
			if (r >= 0)
				die(1, "%s was taken", *files);
			printf("%s: %s\n", *files, text ? text : strerror(-r));
		}
		count++;
	}
	if (program || object)
		die(1, "a refused object has the number %u", object);
	for (uint64_t id = 0; id < 40; id++) {
		text = NULL;
		if (bpf_request(&call, NULL, NULL, &text, "probe", "program", number(id), "function", "1074790400", "offset", "0", "return", "0",
				NULL) >= 0 ||
		    bpf_request(&call, NULL, NULL, &text, "exec", "program", number(id), NULL) >= 0 ||
		    bpf_request(&call, NULL, NULL, &text, "pin", "object", number(id), NULL) >= 0)
			die(1, "program %llu exists", (unsigned long long)id);
	}
	printf("%u objects refused, and nothing of them is there\n", count);
	return 0;
}

static void load(const char *file)
{
	char *text = NULL;

	if (bpf_request(&call, on_row, NULL, &text, "load", "sha256", bpf_hash(&call, file), "name", "storm", NULL) < 0)
		die(2, "%s: %s", file, text ? text : "");
}

static int storm(const char *file, const char *address)
{
	unsigned attached = 0;
	char *text = NULL;

	load(file);
	for (int i = 0; i < STORM; i++) {
		attached += bpf_request(&call, NULL, NULL, &text, "probe", "program", number(program), "function", address, "offset", "0",
					"return", "0", "name", "storm", NULL) >= 0;
		if (bpf_request(&call, NULL, NULL, &text, "detach", "program", number(program), NULL) < 0)
			die(1, "detach: %s", text);
	}
	printf("attached %u times and taken off as often\n", attached);
	return attached != STORM;
}

static int leave(const char *file, char **addresses)
{
	static const uint8_t half[] = {0xff, 0x3f, 0, 0, MSG_BPF & 0xff, MSG_BPF >> 8, 0, 0, 9, 0, 0, 0, 1, 2, 3};
	unsigned attached = 0;
	char *text = NULL;

	load(file);
	for (; *addresses; addresses++) {
		int r = bpf_request(&call, NULL, NULL, &text, "probe", "program", number(program), "function", *addresses, "offset", "0",
				    "return", "0", "name", "die", NULL);

		attached += r >= 0;
		if (r < 0)
			printf("%s: %s\n", *addresses, text ? text : strerror(-r));
	}
	printf("attached to %u functions, and gone\n", attached);
	fflush(stdout);
	if (write(client_fd(call.client), half, sizeof(half)) < 0)
		return 1;
	_exit(attached == 0);
}

int main(int argc, char **argv)
{
	const char *way = argc > 2 ? argv[2] : "";

	if (argc < 4)
		die(2, "usage: bpf-wrong NAME malformed|refused|storm|die ...");
	call.vm = vm_get_running(argv[1]);
	call.client = client_get(call.vm);
	if (strcmp(way, "malformed") == 0)
		return malformed((unsigned)strtoul(argv[3], NULL, 0));
	if (strcmp(way, "refused") == 0)
		return refused(argv + 3);
	if (strcmp(way, "storm") == 0 && argc == 5)
		return storm(argv[3], argv[4]);
	if (strcmp(way, "die") == 0)
		return leave(argv[3], argv + 4);
	die(2, "%s?", way);
}
