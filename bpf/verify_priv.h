/* pure */
/*
 * verify_priv.h: the verifier's object and what its files offer each other. Each group of prototypes names its file.
 */
#ifndef BPF_VERIFY_PRIV_H
#define BPF_VERIFY_PRIV_H

#include "bpf/helper.h"
#include "bpf/map.h"
#include "bpf/verify.h"
#include "bpf/verify_state.h"
#include "lib/errno.h"
#include "lib/str.h"

/* A kept state: a node in the tree of paths, on the list of its instruction. */
struct vnode {
	struct vnode *next;    /* the list; newest first */
	struct vnode *parent;  /* the kept state before it on its path */
	struct vnode *waits;   /* the oldest unfinished ancestor that a path below was found equal to, or null */
	struct vpacked *state; /* null: no longer compared with */
	uint32_t state_size;
	uint32_t depth;	   /* ancestors */
	uint32_t branches; /* paths below that are not walked to the end */
	uint16_t hits, misses;
};

/* A path to be walked later. */
struct vpending {
	struct vpending *below;
	struct vnode *parent;
	struct vpacked *state;
	uint32_t state_size;
};

/* What is kept for each instruction. */
struct vaux {
	struct vnode *kept;
	uint64_t half_live[2]; /* 4-byte halves of the function's stack that may be read from here on */
	uint64_t stack_slots;  /* loads and stores: slots that they reached, of function stack_function */
	uint64_t link_slots;   /* comparisons: slots that held a copy of an operand */
	uint16_t live;	       /* registers that may be read from here on */
	uint16_t need;	       /* scalars among them whose value mattered (verify_need.c) */
	uint16_t link;	       /* comparisons: registers that were copies of an operand */
	uint16_t function;
	uint16_t stack_function;
	uint8_t map; /* 1 + map number, or MAP_SEVERAL */
	uint8_t flags;
};
#define AUX_REACHED  0x01u
#define AUX_PRUNE    0x02u /* a place where states are compared */
#define AUX_CALLBACK 0x04u /* a helper's call that runs a callback */
#define AUX_QUEUED   0x08u
#define AUX_CTX	     0x10u /* accessed the context */
#define AUX_OTHER    0x20u /* accessed something else */
#define AUX_RUN	     0x40u /* was simulated */
#define MAP_SEVERAL  0xff
#define NO_FUNCTION  0xffff

struct vfunction {
	uint64_t need_slots; /* slots whose scalars mattered */
	uint32_t depth;	     /* bytes of stack */
	bool reached;
};

/* Ids mean only that two things are the same: when states are compared, each old one stands for one new one. */
#define PAIRS_MAX 64
struct vpairs {
	struct {
		uint32_t old, new;
	} pair[PAIRS_MAX];
	unsigned count;
};

struct verifier {
	struct bpf_prog *prog;
	const struct bpf_verify_options *options;
	struct bpf_refusal *refusal;
	struct bpf_mem *mem;

	struct vaux *aux;     /* insn_count */
	uint32_t *pred_start; /* insn_count + 1: where the predecessors of each instruction start in `pred` */
	uint32_t *pred;	      /* up to 2 * insn_count */
	uint32_t *work;	      /* insn_count: a work list */
	uint32_t work_count;
	struct vfunction *function; /* subprog_count */
	bool need_all;		    /* verify_need.c has lost track: all values matter */

	struct vstate state;
	struct vpairs pairs;  /* verify_compare.c */
	struct vnode *parent; /* the last kept state of this path */
	struct vpending *pending;
	uint32_t pending_count;
	struct vnode *retired; /* nodes off the lists, freed at the end */

	uint32_t pc; /* the instruction at work, for messages */
	uint32_t id; /* last number given to a register, base or reference */
	uint32_t steps, states;
	uint32_t steps_since, jumps_since; /* since the last kept state, of whatever path */
	bool forgets;			   /* for want of memory not all states are kept */
	size_t memory_start, memory_peak;
	uint32_t context_size;			/* bytes of the context that are accessed, from its start */
	struct vreg saved[6], callback_args[6]; /* verify_helper.c's working data */
	/* verify_jmp.c's working data */
	struct range outcome[4];
	uint32_t packet_base;
	uint8_t packet_type;
	bool null_branch;

	struct vpacked *saved_state; /* state_save() */
	uint32_t saved_size;

	bool path_done; /* this path has reached its end */
	char text[200]; /* a refusal in the making */
};

/* The program's function that runs, and its registers. */
static inline struct vframe *top(struct verifier *v)
{
	return vstate_top(&v->state);
}

static inline struct vreg *reg_of(struct verifier *v, unsigned number)
{
	return &top(v)->reg[number];
}

/* verify_log.c: refusals and the log. refuse() fills the refusal, "insn N: ..." and the source line, returns -EACCES.
 */
int refuse(struct verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
int refuse_with(struct verifier *v, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));
const char *type_text(const struct vreg *reg);
/* "[0,255]" or "5" into BUF of RANGE_TEXT bytes, signed if that is the narrower description. */
#define RANGE_TEXT 48
const char *range_text(const struct range *r, char *buf);
void log_state(struct verifier *v);
void log_text(struct verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* verify_cfg.c: predecessors, reachability (refuses dead code), live registers, places to compare states. */
int cfg_prepare(struct verifier *v);
/* The instructions that may follow INSN in its function: 0 .. 2. */
unsigned cfg_successors(const struct bpf_prog *prog, uint32_t insn, uint32_t next[2]);
/* The function that a call or a BPF_PSEUDO_FUNC at INSN names, or -1. */
int cfg_target(const struct bpf_prog *prog, uint32_t insn);

/* verify_need.c: which scalars matter, which stack slots are read. */
void need_registers(struct verifier *v, uint32_t insn, unsigned mask);
void need_note_load(struct verifier *v, unsigned frame, uint64_t slots);
void need_note_store(struct verifier *v, unsigned frame, uint64_t slots);
void need_note_links(struct verifier *v, unsigned registers, uint64_t slots);
void need_note_read(struct verifier *v, unsigned frame, int from, int to);

/* verify_state.c */
struct vpacked *state_pack(struct verifier *v, uint32_t pc, uint32_t *ret_size);
void state_unpack(struct verifier *v, const struct vpacked *packed);
/* Keeps the state, and comes back to it, once; then the instruction at work is the next one again. */
int state_save(struct verifier *v);
void state_restore(struct verifier *v);
int state_push_frame(struct verifier *v, uint32_t callsite, uint16_t function, bool callback);
void state_init_slots(struct vframe *frame, unsigned slots);
void *verify_alloc(struct verifier *v, size_t size);
/* Runs F over each register and spilled register of all frames. */
void state_each_reg(struct verifier *v, void (*f)(struct verifier *v, struct vreg *reg, uint32_t arg), uint32_t arg);

/* Registers that MATCH are not readable any more, nor the slots that hold them. */
void state_forget(struct verifier *v, bool (*match)(const struct vreg *reg, uint32_t arg), uint32_t arg);

/* verify_compare.c */
enum compare {
	COMPARE_SAFE,	/* whatever the new state does, the old one did */
	COMPARE_WITHIN, /* the same without looking at what mattered so far */
	COMPARE_EQUAL,	/* no difference */
};
bool state_compare(struct verifier *v, const struct vpacked *old, enum compare how);
/* Forgets scalars on the stack that differ from OLD's, those that mattered too if ALL. */
void state_widen(struct verifier *v, const struct vpacked *old, bool all);

/* verify_prune.c: ends the path (v->path_done) if a kept state says how it ends, else may keep this one. */
int prune(struct verifier *v);
void prune_path_ends(struct verifier *v);
void prune_free(struct verifier *v);

/* verify.c: another way on from here: the present state, with TARGET as its next instruction, is walked later. */
int push_pending(struct verifier *v, uint32_t target);

/* verify_alu.c and verify_ptr.c */
int check_alu(struct verifier *v, const struct bpf_insn *insn);
int check_pointer_alu(struct verifier *v, const struct bpf_insn *insn, struct vreg *dst, const struct vreg *src);
int check_readable(struct verifier *v, unsigned number);
void link_registers(struct verifier *v, struct vreg *a, struct vreg *b);

/* verify_jmp.c */
int check_jump(struct verifier *v, const struct bpf_insn *insn);

/* verify_mem.c: an access through register NUMBER at OFF; bounds of what a pointer may reach. */
enum access { ACCESS_READ, ACCESS_WRITE };
int check_load(struct verifier *v, const struct bpf_insn *insn);
int check_store(struct verifier *v, const struct bpf_insn *insn);
int check_atomic(struct verifier *v, const struct bpf_insn *insn);
/* SIZE bytes at register NUMBER + OFF lie in its object, which is no stack and no context. */
int check_object(struct verifier *v, unsigned number, int off, uint32_t size, enum access access);
const struct bpf_map *map_of(struct verifier *v, uint32_t what);
/* The bytes of a map of one value that nobody can change any more, or null. */
const uint8_t *constant_value(const struct bpf_map *map);

/* verify_stack.c */
int check_stack_load(struct verifier *v, const struct bpf_insn *insn, const struct vreg *ptr, unsigned size);
int check_stack_store(struct verifier *v, const struct bpf_insn *insn, const struct vreg *ptr, unsigned size,
		      const struct vreg *value);
int check_stack_atomic(struct verifier *v, const struct bpf_insn *insn, const struct vreg *ptr, unsigned size);
/* A helper reads SIZE initialised bytes at register NUMBER, or writes them all. */
int check_stack_helper(struct verifier *v, unsigned number, uint32_t size, bool uninit_ok);

/* verify_ctx.c */
int check_context(struct verifier *v, const struct bpf_insn *insn, int off, unsigned size, enum access access,
		  struct vreg *ret);
void rewrite_context(struct verifier *v);
/* True if there is such a context here. */
bool context_known(enum bpf_prog_type type);

/* verify_call.c: functions, callbacks, the end of a path. */
int check_call(struct verifier *v, const struct bpf_insn *insn);
int check_exit(struct verifier *v);
/* Goes on behind the call of the function at work, with its r0. */
int leave_function(struct verifier *v);
int check_stack_depth(struct verifier *v, uint32_t *ret_depth);
int enter_callback(struct verifier *v, uint32_t helper, const struct vreg args[6]);

/* verify_print.c: argument NUMBER (3 ..) of trace_printk. */
int check_printed(struct verifier *v, unsigned number);

/* verify_helper.c, verify_arg.c, verify_ref.c */
int check_helper(struct verifier *v, const struct bpf_insn *insn);
int ref_acquire(struct verifier *v, uint32_t *ret_id);
bool ref_release(struct verifier *v, uint32_t id);
int ref_check_none(struct verifier *v, const char *where);

#endif
