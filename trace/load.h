/* load.h: objects in the guest: read, their maps made, their programs linked, verified and compiled. Nothing runs that
 * the verifier has not accepted. */
#ifndef UIO_TRACE_LOAD_H
#define UIO_TRACE_LOAD_H

#include "fs/vfs.h"
#include "trace/run.h"

#define LOADED_NAME_MAX 32

struct loaded {
	struct list node;
	uint32_t id; /* from 1 */
	char name[LOADED_NAME_MAX];
	bool pinned; /* stays without a client */
	bool kept;   /* a client has it, and is told of its events */
	void *file;  /* the object's bytes */
	size_t file_size;
	struct bpf_object *object;
	struct trace_prog *progs;
	uint32_t prog_count;
	uint32_t first_map; /* map i of the object has the number first_map + i */
};
extern struct list loaded_all;

/* How an object is loaded. */
struct load_how {
	const char *name;    /* the object's, for lists */
	const char *only;    /* just the program of this name; null: all */
	bool compile;	     /* false: to see what the verifier says */
	/* Told of each program that is refused, of several; then the others are looked at, and the object is loaded, with
	 * programs that are `refused`. Null: the first one is the object's failure. May block. */
	void (*refused)(void *arg, const char *program, const struct bpf_refusal *why);
	struct vnode *types; /* the image's (IMAGE.btf), for CO-RE relocations; null: there are none */
	/* The address of a symbol of the image that the object declares, or -ENOENT. May be null. */
	int (*symbol)(void *arg, const char *name, uint64_t *ret_address);
	void *arg; /* for both */
	/* What the verifier thinks at each instruction, as text; may be null, and may block. */
	fmt_sink log;
	void *log_arg;
};

/*
 * Loads the object in the vnode: 0 with *ret; -ENODATA with nothing said: it needs types and has got none; or a negative
 * errno with the program's name in who ("" if it is the object itself) and *why. Calls kernel_relax().
 */
int load_object(struct vnode *v, const struct load_how *how, struct loaded **ret, char who[64],
		struct bpf_refusal *why);
/* Takes all its programs off what they are on. */
void load_detach(struct loaded *l);
/* Takes a program off everything that it is on. */
void trace_detach(struct trace_prog *p);
/* Detaches, forgets and frees all of it. */
void load_drop(struct loaded *l);

/* By number; NULL: none. */
struct loaded *load_find(uint32_t id);
struct trace_prog *load_find_prog(uint32_t id);
struct bpf_map *load_find_map(uint32_t id);
/* The number of one of the object's maps; 0: it is none of them. */
uint32_t load_map_id(const struct loaded *l, const struct bpf_map *map);

#endif
