/* fuzz_ninep.c: replies of a 9P server, of every kind. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fs/ninep_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sum;

/* What the reply held goes into a request, in a buffer that may be too small for it. */
static void again(const char *text, uint16_t len, size_t room)
{
	uint8_t buf[128];
	char string[100];
	struct p9_out o;
	int r;

	len = len < sizeof(string) - 1 ? len : sizeof(string) - 1;
	if (len)
		memcpy(string, text, len);
	string[len] = '\0';
	p9_out_begin(&o, buf, room % sizeof(buf) + 1, P9_TWALK, 1);
	p9_out_u8(&o, 1);
	p9_out_u16(&o, 1);
	p9_out_u32(&o, 1);
	p9_out_u64(&o, 1);
	p9_out_str(&o, string);
	r = p9_out_end(&o, 0);
	if (o.len > room % sizeof(buf) + 1 || (r == 0) != (room % sizeof(buf) + 1 >= 24 + strlen(string)))
		abort();
}

static void fields(struct p9_in *i, uint8_t request)
{
	struct p9_statfs statfs;
	struct p9_dirent entry;
	struct p9_attr attr;
	struct p9_qid qid;
	const char *text;
	uint16_t len;

	switch (request) {
	case P9_TGETATTR:
		p9_in_attr(i, &attr);
		break;
	case P9_TSTATFS:
		p9_in_statfs(i, &statfs);
		break;
	case P9_TREADDIR:
		(void) p9_in_u32(i);
		while (p9_in_dirent(i, &entry))
			for (uint16_t k = 0; k < entry.len; k++)
				if (entry.name[k] == '/' || entry.name[k] == '\0')
					abort();
		break;
	case P9_TVERSION:
		(void) p9_in_u32(i);
		/* fall through */
	case P9_TREADLINK:
		text = p9_in_str(i, &len);
		for (uint16_t k = 0; k < len; k++)
			sum += (unsigned char) text[k];
		again(text, len, i->len);
		break;
	default:
		p9_in_qid(i, &qid);
		(void) p9_in_u16(i);
	}
	(void) p9_in_end(i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t requests[] = { P9_TGETATTR, P9_TSTATFS, P9_TREADDIR, P9_TVERSION, P9_TREADLINK, P9_TWALK };
	static char longest[UINT16_MAX + 2];
	uint8_t buf[8], *whole;
	struct p9_in i;
	struct p9_out o;

	memset(longest, 'a', UINT16_MAX + 1);
	p9_out_begin(&o, buf, sizeof(buf), P9_TWALK, 1);
	p9_out_str(&o, longest);
	if (p9_out_end(&o, 0) == 0)
		abort();
	for (unsigned k = 0; k < sizeof(requests); k++) {
		if (p9_in_begin(&i, data, size, size, requests[k], 1) == 0)
			fields(&i, requests[k]);
		/* With a header that fits, which random bytes seldom have: the answer, or an error. */
		whole = malloc(P9_HEADER + size);
		memcpy(whole + P9_HEADER, data, size);
		for (int error = 0; error < 2; error++) {
			for (int b = 0; b < 4; b++)
				whole[b] = (uint8_t) ((P9_HEADER + size) >> 8 * b);
			whole[4] = error ? P9_RLERROR : requests[k] + 1;
			whole[5] = 1;
			whole[6] = 0;
			if (p9_in_begin(&i, whole, P9_HEADER + size, P9_HEADER + size, requests[k], 1) == 0)
				fields(&i, requests[k]);
			else if (!error)
				abort();
		}
		free(whole);
		/* Without a header. */
		i = (struct p9_in){ .buf = data, .len = size };
		fields(&i, requests[k]);
	}
	return 0;
}
