/*
 * bpf_image.c: see bpf_image.h.
 */
#include "host/bpf_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/bind.h"
#include "host/copy.h"
#include "host/image.h"
#include "host/program.h"
#include "host/symbols.h"
#include "host/util.h"

#define BTF_HEADER_SIZE	  24 /* Linux, Documentation/bpf/btf.rst, 2 */
#define BTF_STRING_OFFSET 16 /* where the header has str_off */

char *bpf_image_types(const struct vm *vm)
{
	return xasprintf("%s.btf", vm_string(vm, "image"));
}

/* True if the types are of the image's build: their first string says "build-id HEX". */
static bool same_build(const char *image, const char *path)
{
	char *data, *id = symbols_build_id(image);
	bool same = false;
	uint32_t at;
	size_t size;

	if (file_read(path, &data, &size) == 0) {
		if (size > BTF_HEADER_SIZE) {
			memcpy(&at, data + BTF_STRING_OFFSET, sizeof(at));
			at = at < size - BTF_HEADER_SIZE ? at + BTF_HEADER_SIZE + 1 : (uint32_t)size;
			/* A byte 0 is behind all of it. */
			same = at < size &&
			       (!id[0] || (strncmp(data + at, "build-id ", 9) == 0 && strcmp(data + at + 9, id) == 0));
		}
		free(data);
	}
	free(id);
	return same;
}

static void add_types(const struct vm *vm, struct msg_list_builder *list)
{
	const char *image = vm_string(vm, "image");
	char *path = bpf_image_types(vm), hex[2 * SHA256_SIZE + 1], *why = NULL;
	uint8_t digest[SHA256_SIZE];
	uint64_t size;
	int r = copy_hash(path, digest, &size);

	why = image_changed(vm);
	if (why)
		;
	else if (r < 0)
		why = xasprintf("%s: %s", path,
				r == -ENOENT ? "it is missing; uio-cc makes it when it links the image" : strerror(-r));
	else if (!same_build(image, path))
		why = xasprintf("%s is not of the same build as the image", path);
	if (why) {
		msg_list_add_pair(list, "no_types", why);
	} else {
		sha256_hex(digest, hex);
		msg_list_add_pair(list, "types", hex);
	}
	free(why);
	free(path);
}

static void add_symbol(const char *name, uint64_t address, void *arg)
{
	char *key = xasprintf("symbol %s", name), *text = xasprintf("0x%llx", (unsigned long long)address);

	msg_list_add_pair(arg, key, text);
	free(key);
	free(text);
}

int bpf_image_add(const struct vm *vm, const char *object, struct msg_list_builder *list, char **ret_text)
{
	struct strv names = {0};

	add_types(vm, list);
	/* What is no ELF file is refused by the guest. */
	if (program_undefined(object, &names) < 0 || names.count == 0)
		return 0;
	return bind_object(vm, &names, add_symbol, list, ret_text);
}
