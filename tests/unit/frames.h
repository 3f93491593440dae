/* frames.h: physical memory for hosted tests of kernel/: a file that includes this before any kernel header sees the direct
 * map at a place where a process can have memory. */
#ifndef TESTS_UNIT_FRAMES_H
#define TESTS_UNIT_FRAMES_H

#define DIRECT_MAP_BASE 0x200000000000ULL

/* Fresh "physical" memory [0, bytes), all zero. Ends the test program if it cannot be had. */
void frames_map(unsigned long bytes);

#endif
