/* pure */
/* verify_arg.h: what is learnt from a helper call's arguments. Private to verify_arg.c and verify_helper.c. */
#ifndef BPF_VERIFY_ARG_H
#define BPF_VERIFY_ARG_H

#include "bpf/verify_priv.h"

struct vargs {
	const struct bpf_helper_proto *proto;
	const struct bpf_map *map; /* the map argument, or null */
	uint32_t map_number;	   /* as in vreg.what */
	uint32_t size_max;	   /* the last size argument at most */
	uint32_t alloc_size;	   /* ARG_CONST_ALLOC_SIZE_OR_ZERO */
	uint32_t release;	   /* reference that the call takes back, or 0 */
	uint32_t function;	   /* callback */
	uint8_t write_reg;	   /* memory that the helper fills once all arguments are checked, or 0 */
	uint32_t write_size;
};

/* Checks registers 1 .. 5 against A->proto and fills the rest of *A. */
int check_args(struct verifier *v, struct vargs *a);

#endif
