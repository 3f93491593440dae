/* entry.h: in the place of kernel/entry.h for fuzz targets: functions to call at boot stand in a section that they find. */
#ifndef TESTS_FUZZ_SHADOW_ENTRY_H
#define TESTS_FUZZ_SHADOW_ENTRY_H

#include "../../../../kernel/entry.h"

#undef INIT
#define INIT(level, fn) static void (*const __init_##fn)(void) __attribute__((used, retain, section("host_init"))) = fn

#endif
