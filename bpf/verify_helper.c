/* pure */
/*
 * verify_helper.c: calls of helpers: who may call which, with which map, and what is known afterwards. Facts: the
 * tables of kernel/bpf/verifier.c, check_map_func_compatibility() and do_refine_retval_range().
 */
#include "bpf/object.h"
#include "bpf/verify_arg.h"

#define MAX_ERRNO 4095

#define T(type) (UINT64_C(1) << BPF_MAP_TYPE_##type)
#define KEYED	(T(HASH) | T(ARRAY) | T(PERCPU_HASH) | T(PERCPU_ARRAY) | T(LRU_HASH) | T(LRU_PERCPU_HASH) | T(LPM_TRIE))
#define OF_MAPS (T(ARRAY_OF_MAPS) | T(HASH_OF_MAPS))

/* Map types that go with a helper, and whether it writes. Helpers that are not here take no map. */
static const struct {
	uint16_t helper;
	bool writes;
	uint64_t types;
} map_rules[] = {
	{BPF_FUNC_map_lookup_elem, false, KEYED | OF_MAPS},
	{BPF_FUNC_map_update_elem, true, KEYED},
	{BPF_FUNC_map_delete_elem, true, KEYED},
	{BPF_FUNC_map_lookup_percpu_elem, false, T(PERCPU_HASH) | T(PERCPU_ARRAY) | T(LRU_PERCPU_HASH)},
	{BPF_FUNC_for_each_map_elem, false,
	 T(HASH) | T(ARRAY) | T(PERCPU_HASH) | T(PERCPU_ARRAY) | T(LRU_HASH) | T(LRU_PERCPU_HASH)},
	{BPF_FUNC_map_push_elem, true, T(QUEUE) | T(STACK)},
	{BPF_FUNC_map_pop_elem, true, T(QUEUE) | T(STACK)},
	{BPF_FUNC_map_peek_elem, false, T(QUEUE) | T(STACK)},
	{BPF_FUNC_tail_call, false, T(PROG_ARRAY)},
	{BPF_FUNC_perf_event_output, false, T(PERF_EVENT_ARRAY)},
	{BPF_FUNC_get_stackid, false, T(STACK_TRACE)},
	{BPF_FUNC_ringbuf_output, false, T(RINGBUF)},
	{BPF_FUNC_ringbuf_reserve, false, T(RINGBUF)},
	{BPF_FUNC_ringbuf_query, false, T(RINGBUF)},
};

static int check_map_rules(struct verifier *v, const struct vargs *a)
{
	struct vaux *aux = &v->aux[v->pc];
	uint8_t fact = a->map_number < v->prog->map_count ? (uint8_t)(a->map_number + 1) : MAP_SEVERAL;

	if (!a->map)
		return 0;
	aux->map = !aux->map || aux->map == fact ? fact : MAP_SEVERAL;
	for (size_t i = 0; i < sizeof(map_rules) / sizeof(map_rules[0]); i++) {
		if (map_rules[i].helper != a->proto->number)
			continue;
		if (!((map_rules[i].types >> a->map->type) & 1))
			break;
		if (map_rules[i].writes && (a->map->map_flags & BPF_F_RDONLY_PROG))
			return refuse(v, "%s changes a map that programs may only read", a->proto->name);
		return 0;
	}
	return refuse(v, "%s does not go with a map of type %s", a->proto->name, bpf_map_type_name(a->map->type));
}

/* --- what becomes of what --- */

static bool of_reference(const struct vreg *reg, uint32_t ref)
{
	return vreg_is_pointer(reg) && reg->ref == ref;
}

static bool of_packet(const struct vreg *reg, uint32_t unused)
{
	return reg->type == V_PACKET || reg->type == V_META || reg->type == V_PACKET_END;
}

static bool changes_packet(uint16_t helper)
{
	return helper == BPF_FUNC_xdp_adjust_head || helper == BPF_FUNC_xdp_adjust_tail ||
	       helper == BPF_FUNC_xdp_adjust_meta;
}

static void refine_result(const struct vargs *a, struct vreg *r0)
{
	switch (a->proto->number) {
	case BPF_FUNC_get_stack:
	case BPF_FUNC_probe_read_str:
	case BPF_FUNC_probe_read_kernel_str:
	case BPF_FUNC_probe_read_user_str:
		r0->r = range_signed(-MAX_ERRNO, a->size_max);
		break;
	case BPF_FUNC_get_smp_processor_id:
		r0->r = range_const(0);
		break;
	default:
		break;
	}
}

static int set_result(struct verifier *v, const struct vargs *a)
{
	struct vreg *r0 = reg_of(v, BPF_REG_0);

	switch (a->proto->ret) {
	case RET_INTEGER:
		vreg_set_unknown(r0);
		refine_result(a, r0);
		return 0;
	case RET_VOID:
		return 0;
	case RET_PTR_TO_MAP_VALUE_OR_NULL:
		if ((OF_MAPS >> a->map->type) & 1) {
			if (!a->map->inner || a->map_number >= v->prog->map_count)
				return refuse(v, "the map has no map within");
			vreg_set_pointer(r0, V_MAP, v->prog->map_count + a->map_number);
		} else {
			vreg_set_pointer(r0, V_MAP_VALUE, a->map_number);
		}
		r0->flags = V_OR_NULL;
		r0->id = ++v->id;
		return 0;
	case RET_PTR_TO_ALLOC_MEM_OR_NULL:
		vreg_set_pointer(r0, V_MEM, a->alloc_size);
		r0->flags = V_OR_NULL;
		r0->id = ++v->id;
		return ref_acquire(v, &r0->ref);
	default:
		return refuse(v, "%s gives what the verifier does not know", a->proto->name);
	}
}

static void forget_scratch(struct verifier *v)
{
	for (unsigned i = BPF_REG_0; i <= BPF_REG_5; i++)
		reg_of(v, i)->type = V_UNINIT;
}

/*
 * The other program ends this one; in a function it comes back to the caller, with any result, and may have moved the
 * packet's borders.
 */
static int check_tail_call(struct verifier *v)
{
	int r = ref_check_none(v, "before the tail call");

	for (unsigned i = 1; i < v->state.frames; i++)
		if (v->state.frame[i]->callback)
			return refuse(v, "a tail call in a callback");
	if (r < 0 || v->state.frames == 1)
		return r;
	r = state_save(v);
	if (r < 0)
		return r;
	forget_scratch(v);
	vreg_set_unknown(reg_of(v, BPF_REG_0));
	r = leave_function(v);
	if (r == 0) {
		state_forget(v, of_packet, 0);
		r = push_pending(v, v->state.pc);
	}
	state_restore(v);
	v->state.pc = v->pc + 1;
	return r;
}

/* --- callbacks --- */

/* One path goes on behind the helper, another in the callback, whose end leads back to the call. */
static int check_callback(struct verifier *v, const struct vargs *a)
{
	struct vreg *saved = v->saved;
	struct vreg *args = v->callback_args;
	const struct vreg *data = reg_of(v, BPF_REG_3);
	int r;

	for (unsigned i = 0; i < 6; i++)
		args[i].type = V_UNINIT;
	if (a->proto->number == BPF_FUNC_loop) {
		vreg_set_unknown(&args[1]);
		args[2] = *data;
	} else {
		vreg_set_pointer(&args[1], V_MAP, a->map_number);
		vreg_set_pointer(&args[2], V_MAP_KEY, a->map_number);
		vreg_set_pointer(&args[3], V_MAP_VALUE, a->map_number);
		args[4] = *data;
	}
	for (unsigned i = 0; i < 6; i++)
		saved[i] = *reg_of(v, i);
	forget_scratch(v);
	vreg_set_unknown(reg_of(v, BPF_REG_0));
	r = push_pending(v, v->pc + 1);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < 6; i++)
		*reg_of(v, i) = saved[i];
	return enter_callback(v, a->function, args);
}

int check_helper(struct verifier *v, const struct bpf_insn *insn)
{
	uint32_t number = (uint32_t)insn->imm;
	struct vargs a = {.proto = bpf_helper_proto(number)};
	const char *name = bpf_helper_name(number);
	int r;

	if (number == BPF_CORE_POISON)
		return refuse(v, "this path uses a type or field that the image does not have");
	if (number == BPF_MISSING_FUNCTION)
		return refuse(v, "this path calls a weak function that nobody defines");
	if (!a.proto)
		return name ? refuse(v, "helper %u, %s, does not exist here", number, name)
			    : refuse(v, "helper %u does not exist", number);
	if (!bpf_helper_allowed(a.proto, v->prog->type))
		return refuse(v, "%s is not for programs of type %u", a.proto->name, v->prog->type);
	r = check_args(v, &a);
	if (r == 0)
		r = check_map_rules(v, &a);
	if (r == 0 && a.write_reg)
		r = check_stack_helper(v, a.write_reg, a.write_size, true);
	if (r == 0 && number == BPF_FUNC_tail_call)
		r = check_tail_call(v);
	if (r < 0)
		return r;
	if (v->aux[v->pc].flags & AUX_CALLBACK)
		return check_callback(v, &a);
	if (a.release) {
		ref_release(v, a.release);
		state_forget(v, of_reference, a.release);
	}
	if (changes_packet(a.proto->number))
		state_forget(v, of_packet, 0);
	forget_scratch(v);
	return set_result(v, &a);
}
