/* pure */
/*
 * wrpkru_scan.h: finds the instruction by which a program could give itself rights: bytes that must not become
 * executable. May be used by whatever turns a page executable.
 *
 * WRPKRU is 0F 01 EF (SDM vol. 2, "WRPKRU"; vol. 3A 4.6.2, "Protection Keys": PKRU is written by WRPKRU in any ring). A
 * program may jump into the middle of an instruction, so the three bytes count at every offset, also across two pages.
 * Prefixes may stand before them but not between them (SDM vol. 2, 2.1), so the search for three bytes is complete.
 *
 * The other ways to load PKRU are XRSTOR and XRSTORS, and they are closed elsewhere: they load a state component only
 * if its bit in XCR0 is set (SDM vol. 1, 13.8 "Operation of XRSTOR": RFBM is the AND of XCR0 and EDX:EAX; PKRU is
 * component 9, 13.1), the kernel leaves bit 9 clear, XSETBV needs ring 0 (vol. 2, "XSETBV"), and so does XRSTORS.
 * RSTORSSP, SYSRET, IRET and task switches do not touch PKRU.
 */
#ifndef OVERLAY_WRPKRU_SCAN_H
#define OVERLAY_WRPKRU_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WRPKRU_SIZE 3

/*
 * Looks through the N bytes at CODE, together with the BEFORE_N bytes that lie right before them in memory and are, or
 * will be, executable, and the AFTER_N bytes right behind (of each at most WRPKRU_SIZE - 1 count; BEFORE are the *last*
 * ones). True if the sequence occurs with at least one byte in CODE; *ret_offset is then where the first one starts,
 * relative to CODE: -2 or -1 for one that starts in BEFORE.
 */
bool wrpkru_find(const uint8_t *before, size_t before_n, const uint8_t *code, size_t n, const uint8_t *after,
		 size_t after_n, int64_t *ret_offset);

#endif
