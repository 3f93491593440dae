/* part.h: the part of the kernel that an image does not carry: eBPF (bpf/, trace/), linked at PART_BASE against this
 * very image by uio-cc as IMAGE.bpf. The host pushes it when somebody first needs it. The image holds its SHA-256, so
 * that nothing else can become kernel code. */
#ifndef UIO_OVERLAY_PART_H
#define UIO_OVERLAY_PART_H

/* Kernel addresses in the image's GiB, which all roots share: the part, and what it makes (compiled programs, probes).
 * Also in image/uio.lds and image/part.lds. */
#define PART_BASE 0x7c000000UL
#define PART_AREA 0x7d000000UL
#define PART_END  0x80000000UL
#define PART_SIZE (PART_END - PART_BASE)

#include "overlay/ctl.h"

/* BPF: loads the part first; NEED tells which file that is. The file's first instruction is the entry of a ctl_request
 * that serves BPF. All of the file is mapped to be read and executed; which pages are data the part itself knows, and
 * takes the one right away and adds the other (trace/rights.c).
 *
 * The same entry serves the shell's command, for which c is NULL: id words at payload (a char **), size is the struct
 * shell. -ENODATA then: the part is not in the cache. */
int ctl_bpf(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);

#endif
