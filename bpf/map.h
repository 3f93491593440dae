/* pure */
/*
 * map.h: a map: a typed store that programs and their owner share. Each kind is a file (map_array.c, map_hash.c, ...)
 * and a table of functions; here are the object, the common entry points and what they promise. Semantics and error
 * numbers are Linux's (Documentation/bpf/map_*.rst). One CPU: a per-CPU map has one value for each key.
 *
 * All memory of a map is allocated when it is made, as far as Linux preallocates, and counts against its struct bpf_mem.
 * Nothing here blocks or locks. A program may run in an interrupt that finds a map half changed: it may look up, and
 * gets -EBUSY for changes (bpf_map_enter()), as on Linux. A program may hold the address of a value that is deleted meanwhile, so memory of elements is used again in the same map only, and goes
 * back when the map does. A program array refers to programs that refer to it: the owner empties it first.
 */
#ifndef BPF_MAP_H
#define BPF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_prog;
struct bpf_map;

/* include/uapi/linux/bpf.h, enum bpf_map_type; those that exist here. */
enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC = 0,
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PROG_ARRAY = 3,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_STACK_TRACE = 7,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_LRU_PERCPU_HASH = 10,
	BPF_MAP_TYPE_LPM_TRIE = 11,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_HASH_OF_MAPS = 13,
	BPF_MAP_TYPE_QUEUE = 22,
	BPF_MAP_TYPE_STACK = 23,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_MAX_KNOWN = 33, /* numbers from here on are no type of Linux's either */
};

/* map_flags. Others are refused with -EINVAL. */
#define BPF_F_NO_PREALLOC   0x001u /* hash, LPM trie (which must have it): allocate elements when they are added */
#define BPF_F_NO_COMMON_LRU 0x002u /* accepted: there is one CPU */
#define BPF_F_NUMA_NODE     0x004u /* accepted: there is one node */
#define BPF_F_RDONLY        0x008u /* the owner may only read */
#define BPF_F_WRONLY        0x010u /* the owner may only write */
#define BPF_F_ZERO_SEED     0x040u /* hash: no random seed */
#define BPF_F_RDONLY_PROG   0x080u /* programs may only read */
#define BPF_F_WRONLY_PROG   0x100u /* programs may only write */
#define BPF_F_MMAPABLE      0x400u /* array: accepted, means nothing here */
#define BPF_F_INNER_MAP     0x1000u /* array: as an inner map its max_entries may differ from the template's */

/* flags of update */
#define BPF_ANY             0u
#define BPF_NOEXIST         1u
#define BPF_EXIST           2u
#define BPF_F_LOCK          4u /* -EINVAL: there are no spin locks */

/* Where a map's memory comes from. */
struct bpf_mem {
	void *(*alloc)(struct bpf_mem *mem, size_t size); /* zeroed, aligned by 16, or null */
	void (*free)(struct bpf_mem *mem, void *p, size_t size);
	size_t budget; /* bytes that may be in use */
	size_t used;   /* kept by bpf_mem_alloc() and bpf_mem_free() */
	uint64_t seed; /* something random, so that nobody can choose keys that collide */
	bool ahead;    /* programs cannot allocate: a map takes all that it may need when it is made */
};

/* SIZE zeroed bytes, or null if the budget or the allocator says no. */
void *bpf_mem_alloc(struct bpf_mem *mem, size_t size);
/* Gives back what bpf_mem_alloc() gave with the same SIZE. P may be null. */
void bpf_mem_free(struct bpf_mem *mem, void *p, size_t size);

/* What a map shall be. */
struct bpf_map_def {
	uint32_t type;        /* enum bpf_map_type, from outside: any number */
	uint32_t key_size;    /* bytes */
	uint32_t value_size;  /* bytes */
	uint32_t max_entries; /* ring buffer: bytes */
	uint32_t map_flags;   /* BPF_F_* */
	const char *name;     /* copied; may be null */
	/* Maps of maps: what their inner maps look like (its type, sizes and flags); else null. A reference is taken. */
	struct bpf_map *inner;
};

/* Called for each element by for_each: return 0 to go on, anything else to stop. KEY and VALUE are the map's own. */
typedef uint64_t (*bpf_map_visit)(void *arg, struct bpf_map *map, const void *key, void *value);

/*
 * A kind of map. Entries that a kind lacks are null; the functions below answer -ENOTSUPP (524) for them, as Linux
 * does. Keys and values are key_size and value_size bytes in the program's memory.
 */
struct bpf_map_ops {
	const char *name; /* "array" */
	int (*check)(const struct bpf_map_def *def);            /* 0, -EINVAL, -E2BIG */
	int (*init)(struct bpf_map *map);                       /* 0, -ENOMEM, -E2BIG */
	void (*fini)(struct bpf_map *map);
	void *(*lookup)(struct bpf_map *map, const void *key);  /* a program's: the value in place (of maps: a map), or null */
	void *(*look)(struct bpf_map *map, const void *key);    /* the owner's: the same, but is not counted as a use */
	int (*update)(struct bpf_map *map, const void *key, const void *value, uint64_t flags);
	int (*remove)(struct bpf_map *map, const void *key);
	int (*next_key)(struct bpf_map *map, const void *key, void *ret_next); /* key may be null: the first one */
	uint64_t (*for_each)(struct bpf_map *map, bpf_map_visit visit, void *arg, uint64_t *ret_count);
	int (*push)(struct bpf_map *map, const void *value, uint64_t flags);
	int (*pop)(struct bpf_map *map, void *value);
	int (*peek)(struct bpf_map *map, void *value);
	/* Maps that hold objects (maps or programs). SET replaces; a null object deletes. References are the map's. */
	int (*set_object)(struct bpf_map *map, const void *key, void *object, uint64_t flags);
	void *(*get_object)(struct bpf_map *map, const void *key);
};

#define ENOTSUPP 524 /* include/linux/errno.h */

/* Name of a map with its NUL (BPF_OBJ_NAME_LEN). */
#define BPF_MAP_NAME_SIZE 16

struct bpf_map {
	const struct bpf_map_ops *ops;
	enum bpf_map_type type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t map_flags;
	uint32_t elem_size; /* bytes from one value to the next in `values`: value_size rounded up to 8 */
	uint8_t *values;    /* array kinds: max_entries values one after another; else null. Never moves */
	uint32_t frozen;    /* owner may not write any more (bpf_map_freeze()): a constant for the verifier if RDONLY_PROG */
	struct bpf_map *inner; /* maps of maps: the template */
	void *impl;            /* the kind's own state */
	struct bpf_mem *mem;
	uint32_t refs;         /* holders; bpf_map_put() of the last one frees the map */
	bool busy;             /* is being changed: see bpf_map_enter() */
	uint64_t id;           /* the owner's; not used here */
	/*
	 * Ring buffers and event arrays: called, if not null, when there is something to read, from wherever the program
	 * runs. The owner's.
	 */
	void (*notify)(struct bpf_map *map);
	char name[BPF_MAP_NAME_SIZE];
};

/* The kind of TYPE, or null if there is none here. */
const struct bpf_map_ops *bpf_map_ops_of(uint32_t type);
/* Linux's name of a map type's number ("lru_hash"), those that are missing here included; null if it is no type. */
const char *bpf_map_type_name(uint32_t type);

/*
 * Makes a map with one reference, its memory out of MEM, which outlives it. -EINVAL: sizes, flags or type cannot be;
 * -E2BIG: more than Linux allows; -ENOMEM: budget or allocator.
 */
int bpf_map_create(const struct bpf_map_def *def, struct bpf_mem *mem, struct bpf_map **ret_map);

static inline void bpf_map_get(struct bpf_map *map)
{
	map->refs++;
}
/*
 * Stands around each change of a map that programs can make. False: an interrupted change is under way, do not. The
 * functions below and the helpers do this themselves; those of struct bpf_map_ops do not.
 */
static inline bool bpf_map_enter(struct bpf_map *map)
{
	if (map->busy)
		return false;
	map->busy = true;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return true;
}
static inline void bpf_map_leave(struct bpf_map *map)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	map->busy = false;
}

/* Lets go of a reference; the last one frees the map and lets go of what it holds. */
void bpf_map_put(struct bpf_map *map);

/*
 * The owner's side (commands), as the bpf() system call: respects BPF_F_RDONLY, BPF_F_WRONLY and freezing (-EPERM);
 * -EBUSY in an interrupt that finds the map half changed.
 * KEY is key_size bytes, VALUE value_size bytes; both copied.
 *   lookup    -ENOENT without such a key; queue and stack (key is null): peek. LRU: does not count as a use.
 *   update    BPF_ANY, BPF_NOEXIST (-EEXIST), BPF_EXIST (-ENOENT); -E2BIG full or index too large; -EINVAL flags
 *   delete    -ENOENT; -EINVAL for arrays
 *   next_key  the key behind KEY in the map's order, the first one for null or a key that is gone; -ENOENT at the end
 */
int bpf_map_lookup(struct bpf_map *map, const void *key, void *ret_value);
int bpf_map_update(struct bpf_map *map, const void *key, const void *value, uint64_t flags);
int bpf_map_delete(struct bpf_map *map, const void *key);
int bpf_map_next_key(struct bpf_map *map, const void *key, void *ret_next);
int bpf_map_push(struct bpf_map *map, const void *value, uint64_t flags);
int bpf_map_pop(struct bpf_map *map, void *ret_value);
int bpf_map_peek(struct bpf_map *map, void *ret_value);
int bpf_map_freeze(struct bpf_map *map);

/*
 * Maps of maps and program arrays: puts OBJECT (struct bpf_map * or struct bpf_prog *) at KEY and takes a reference;
 * null deletes (-ENOENT if there was none). -EINVAL for an inner map unlike the template. The other direction: the
 * object, without a new reference, or null.
 */
int bpf_map_set_object(struct bpf_map *map, const void *key, void *object, uint64_t flags);
void *bpf_map_get_object(struct bpf_map *map, const void *key);
/* True if INNER may stand where TEMPLATE was promised. */
bool bpf_map_same_shape(const struct bpf_map *template, const struct bpf_map *inner);

/* The address that BPF_PSEUDO_MAP_VALUE with OFFSET means, in *ret_address. -EINVAL: no array, or outside. */
int bpf_map_value_address(const struct bpf_map *map, uint32_t offset, uint64_t *ret_address);

#endif
