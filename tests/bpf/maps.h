/* maps.h: maps for tests, whose memory is counted. On top of tests/unit/test.h. */
#ifndef TESTS_BPF_MAPS_H
#define TESTS_BPF_MAPS_H

#include "bpf/map.h"
#include "tests/bpf/engine.h"
#include "tests/unit/test.h"

/* Memory of the map under test; everything has come back at the end of it. */
static struct bpf_mem test_mem;

static inline struct bpf_map *new_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags)
{
	struct bpf_map_def def = { type, key, value, entries, flags, "test" };
	struct bpf_map *map;

	test_mem = engine_mem(64 << 20);
	test_mem.seed = 0x123456789;
	assert_int_equal(bpf_map_create(&def, &test_mem, &map), 0);
	assert_true(test_mem.used > 0);
	return map;
}

static inline void end_map(struct bpf_map *map)
{
	bpf_map_put(map);
	assert_int_equal(test_mem.used, 0);
}

/* What making such a map answers. */
static inline int try_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags)
{
	struct bpf_map_def def = { type, key, value, entries, flags, "test" };
	struct bpf_mem mem = engine_mem(64 << 20);
	struct bpf_map *map = NULL;
	int r = bpf_map_create(&def, &mem, &map);

	if (r == 0)
		bpf_map_put(map);
	assert_int_equal(mem.used, 0);
	return r;
}

/* With keys and values that are numbers. */
static inline int put(struct bpf_map *map, uint64_t key, uint64_t value, uint64_t flags)
{
	return bpf_map_update(map, &key, &value, flags);
}

static inline int64_t get(struct bpf_map *map, uint64_t key)
{
	uint64_t value = 0;
	int r = bpf_map_lookup(map, &key, &value);

	return r < 0 ? r : (int64_t)value;
}

static inline int drop(struct bpf_map *map, uint64_t key)
{
	return bpf_map_delete(map, &key);
}

#endif
