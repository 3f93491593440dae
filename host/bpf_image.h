/*
 * bpf_image.h: what an eBPF object needs from the image that runs: its types (IMAGE.btf, which uio-cc makes) and the
 * addresses of symbols that the object only declares.
 */
#ifndef HOST_BPF_IMAGE_H
#define HOST_BPF_IMAGE_H

#include "host/vm.h"
#include "proto/msg.h"

/* IMAGE.btf; the caller frees. */
char *bpf_image_types(const struct vm *vm);

/*
 * Adds to a request that loads `object`: "types", the hash of IMAGE.btf, or "no_types", why there is none; and
 * "symbol NAME", the address, for each symbol of the image that the object declares. Returns 0, or a negative errno
 * with *ret_text (the caller frees) when a name is ambiguous.
 */
int bpf_image_add(const struct vm *vm, const char *object, struct msg_list_builder *list, char **ret_text);

#endif
