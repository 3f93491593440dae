/*
 * mkbtf_names.c: where the application and the kernel have different types of one name, the kernel's gets the prefix
 * that its symbols have, with all that refers to it.
 */
#include <stdlib.h>
#include <string.h>

#include "bpf/btf.h"
#include "host/mkbtf.h"

#define KERNEL_PREFIX "uio_k_"

/* Types that have a name of their own; a declaration counts as what it declares. 0: none. */
static unsigned named_kind(const struct type *type)
{
	switch (type->name[0] ? type->kind : 0) {
	case BTF_KIND_FWD:
		return type->is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_TYPEDEF:
		return type->kind;
	default:
		return 0;
	}
}

void types_rename(struct types *t)
{
	struct table reps = {0}, application = {0}, clashes = {0};
	bool *shared = more(NULL, t->count, sizeof(shared[0])); /* by representative: the application has it, too */
	uint8_t key[16];

	for (uint32_t i = 0; i < t->count; i++) {
		shared[i] = false;
		if (!t->list[i].kernel)
			shared[table_put(&reps, t->list[i].digest, i)] = true;
		else
			table_put(&reps, t->list[i].digest, i);
		if (!t->list[i].kernel && named_kind(&t->list[i]) && t->list[i].kind != BTF_KIND_FWD) {
			table_key(key, named_kind(&t->list[i]), false, t->list[i].name);
			table_put(&application, key, i);
		}
	}
	for (uint32_t i = 0; i < t->count; i++) {
		const struct type *type = &t->list[i];

		if (!type->kernel || !named_kind(type) || type->kind == BTF_KIND_FWD ||
		    shared[table_find(&reps, type->digest)])
			continue;
		table_key(key, named_kind(type), false, type->name);
		if (table_find(&application, key) != UINT32_MAX)
			table_put(&clashes, key, i);
	}
	for (uint32_t i = 0; i < t->count; i++) {
		struct type *type = &t->list[i];
		char *longer;

		table_key(key, named_kind(type), false, type->name);
		if (!type->kernel || !named_kind(type) || table_find(&clashes, key) == UINT32_MAX ||
		    (type->kind != BTF_KIND_FWD && shared[table_find(&reps, type->digest)]))
			continue;
		longer = more(NULL, strlen(type->name) + sizeof(KERNEL_PREFIX), 1);
		strcpy(longer, KERNEL_PREFIX);
		type->name = strcat(longer, type->name);
	}
	free(shared);
	free(reps.slots);
	free(application.slots);
	free(clashes.slots);
}
