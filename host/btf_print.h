/*
 * btf_print.h: bytes as their type says, in JSON: what `uio bpf map dump` prints.
 */
#ifndef HOST_BTF_PRINT_H
#define HOST_BTF_PRINT_H

#include <cjson/cJSON.h>

#include "bpf/btf.h"

/*
 * The `size` bytes as a value of the type: integers as numbers, enumerators by name, pointers and functions as "0x...",
 * arrays of characters that end as strings, structures, unions and sections of variables as objects. What is outside of
 * the bytes, or of no known type, is null. The types may be a hostile guest's. The caller deletes the result.
 */
cJSON *btf_print(const struct btf *btf, uint32_t type, const uint8_t *bytes, size_t size);

#endif
