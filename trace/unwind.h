/* unwind.h: call chains. The image has no frame pointers, so the frames are found by a table of what each instruction's
 * address says about its frame (lib/unwind_table.h), which the host makes from the image's debug information and sends
 * when the first program that wants stacks is attached. Where the table knows nothing (assembly, code without debug
 * information) the stack is searched for the next word that points behind a call. */
#ifndef UIO_TRACE_UNWIND_H
#define UIO_TRACE_UNWIND_H

#include "bpf/ctx.h"
#include "fs/vfs.h"

/* Takes the table with that SHA-256 in; it stays until the last object is unloaded. 0; -EBADMSG: it is none; -ENOMEM;
 * -EIO. */
int unwind_load(struct vnode *v, const uint8_t sha256[32]);
/* True if that table is here. */
bool unwind_has(const uint8_t sha256[32]);
/* Forgets the table. */
void unwind_drop(void);

/* Where a stack starts. */
enum unwind_from {
	UNWIND_ALL,	    /* at regs: the kernel's frames, then the application's, which called it */
	UNWIND_APPLICATION, /* at the first frame that is not the kernel's; of a program in ring 3: its instruction only
			     */
};

/* The addresses of the chain that regs are in, the innermost first, without the first `skip`: at most max. The first is
 * an instruction, the others are return addresses. Returns how many; 0: none. Reads nothing that is not in memory. */
uint32_t unwind(const struct bpf_pt_regs *regs, enum unwind_from from, uint32_t skip, uint64_t *ips, uint32_t max);

#endif
