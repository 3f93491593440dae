/* fuzz_ninep.c: replies of a 9P server, of every kind. */
#include <stddef.h>
#include <stdint.h>

#include "fs/ninep_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sum;

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
				sum += (unsigned char) entry.name[k];
		break;
	case P9_TVERSION:
		(void) p9_in_u32(i);
		/* fall through */
	case P9_TREADLINK:
		text = p9_in_str(i, &len);
		for (uint16_t k = 0; k < len; k++)
			sum += (unsigned char) text[k];
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
	struct p9_in i;

	for (unsigned k = 0; k < sizeof(requests); k++) {
		if (p9_in_begin(&i, data, size, size, requests[k], 1) == 0)
			fields(&i, requests[k]);
		/* Without a header that fits, which random bytes seldom have. */
		i = (struct p9_in){ .buf = data, .len = size };
		fields(&i, requests[k]);
	}
	return 0;
}
