/* pure */
/* core.c: carries out the CO-RE relocations of one function: finds the type in the target, and patches the instruction.
 * A question without an answer, such as the offset of a member that is gone, poisons its instruction: a path that is
 * never reached may have it, the verifier refuses every other. */
#include "bpf/core.h"
#include "bpf/object_file.h"

#include "lib/errno.h"
#include "lib/str.h"

/* Linux's, the same everywhere: contexts, which the image need not know. */
static const char *const linux_types[] = {"pt_regs", "xdp_md", "bpf_perf_event_data", "bpf_raw_tracepoint_args",
					   "trace_entry", "trace_event_raw_sys_enter", "trace_event_raw_sys_exit"};

static bool is_linux_type(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf_type(btf, id);

	for (size_t i = 0; i < sizeof(linux_types) / sizeof(linux_types[0]); i++)
		if (btf_kind(t) == BTF_KIND_STRUCT && strcmp(btf_name(btf, t), linux_types[i]) == 0)
			return true;
	return false;
}

struct core_job {
	struct bpf_object *object;
	const struct object_function *f;
	struct bpf_refusal *why;
	uint32_t insn; /* in the function */
	struct core_path local, found, tried;
	bool has;
	uint64_t value, local_value; /* of the question */
	bool answered;
	uint64_t size, local_size; /* of the field, for loads and stores; 0: unknown */
};

/* Looks at every candidate: those that have an answer must agree on it. */
static int ask(struct core_job *job, enum core_kind kind, const struct btf *target)
{
	for (uint32_t id = 1; id < target->count; id++) {
		uint64_t value;

		if (!core_candidate(job->local.btf, job->local.root, target, id) ||
		    core_path_follow(&job->local, target, id, kind, &job->tried) < 0 ||
		    core_value(&job->tried, kind, &value) < 0)
			continue;
		if (job->has && value != job->value && kind != CORE_TYPE_ID_TARGET)
			return object_refuse(job->why, -EINVAL,
					     "%s: instruction %u: type %s has several forms in the image", job->f->name,
					     job->insn,
					     btf_name(job->local.btf, btf_type(job->local.btf, job->local.root)));
		if (job->has)
			continue;
		job->has = true;
		job->found = job->tried;
		job->value = value;
	}
	return 0;
}

static void poison(struct bpf_insn *insn, bool wide)
{
	for (int i = 0; i < (wide ? 2 : 1); i++)
		insn[i] = BPF_CALL_HELPER(BPF_CORE_POISON);
}

/* The size bits of a load or store of SIZE bytes. */
static int size_code(uint64_t size)
{
	switch (size) {
	case 1:
		return BPF_B;
	case 2:
		return BPF_H;
	case 4:
		return BPF_W;
	case 8:
		return BPF_DW;
	default:
		return -EINVAL;
	}
}

static bool is_unsigned_or_pointer(const struct core_path *path)
{
	const struct btf_type *t = btf_type(path->btf, btf_strip(path->btf, path->leads_to));

	return btf_kind(t) == BTF_KIND_PTR || (btf_kind(t) == BTF_KIND_INT && !btf_int_signed(t)) ||
	       ((btf_kind(t) == BTF_KIND_ENUM || btf_kind(t) == BTF_KIND_ENUM64) && !btf_kind_flag(t));
}

static int patch_access(struct core_job *job, struct bpf_insn *insn)
{
	if (job->value > INT16_MAX)
		return object_refuse(job->why, -E2BIG, "%s: instruction %u: offset %llu is too large for it",
				     job->f->name, job->insn, (unsigned long long)job->value);
	insn->off = (int16_t)job->value;
	if (job->size != job->local_size && job->size && job->local_size && BPF_MODE(insn->code) == BPF_MEM &&
	    bpf_size_bytes(insn->code) == job->local_size) {
		int code = size_code(job->size);

		/* A sign could get lost, and structures are not loaded whole. */
		if (code < 0 || !is_unsigned_or_pointer(&job->local) || !is_unsigned_or_pointer(&job->found))
			poison(insn, false);
		else
			insn->code = (insn->code & ~0x18) | code;
	}
	return 0;
}

static int patch(struct core_job *job, struct bpf_insn *insn, uint32_t left)
{
	bool wide = bpf_is_lddw(insn);

	if (wide && left < 2)
		return object_refuse(job->why, -EBADMSG, "%s: instruction %u is cut off", job->f->name, job->insn);
	if (!job->answered) {
		poison(insn, wide);
		return 0;
	}
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		/* A 64-bit operation extends its number's sign. */
		if (BPF_SRC(insn->code) != BPF_K ||
		    (BPF_CLASS(insn->code) == BPF_ALU
			     ? job->value > UINT32_MAX && (int64_t)job->value != (int32_t)job->value
			     : (int64_t)job->value != (int32_t)job->value))
			break;
		insn->imm = (int32_t)job->value;
		return 0;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return patch_access(job, insn);
	case BPF_LD:
		if (!wide)
			break;
		insn[0].imm = (int32_t)job->value;
		insn[1].imm = (int32_t)(job->value >> 32);
		return 0;
	default:
		break;
	}
	return object_refuse(job->why, -EINVAL, "%s: instruction %u cannot hold a relocation's value", job->f->name,
			     job->insn);
}

static int relocate(struct core_job *job, const struct core_relo *relo, struct bpf_insn *insns)
{
	const struct btf *local = &job->object->btf, *target = job->object->file->options.target;
	enum core_kind kind = relo->kind;
	int r;

	if (relo->kind >= CORE_KINDS ||
	    core_path_parse(local, relo->type_id, btf_string(local, relo->access_off), kind, &job->local) < 0)
		return object_refuse(job->why, -EBADMSG, "%s: instruction %u: a damaged CO-RE relocation", job->f->name,
				     job->insn);
	if (kind == CORE_TYPE_ID_LOCAL) {
		job->value = relo->type_id;
		job->answered = true;
		return patch(job, insns + job->insn, job->f->count - job->insn);
	}
	if (!target || is_linux_type(local, relo->type_id)) {
		/* The object's own types are the truth. */
		job->found = job->local;
		job->has = core_value(&job->local, kind, &job->value) == 0;
	} else {
		r = ask(job, kind, target);
		if (r < 0)
			return r;
	}
	job->answered = job->has || core_value(NULL, kind, &job->value) == 0;
	if (job->has && kind == CORE_FIELD_BYTE_OFFSET &&
	    (core_value(&job->found, CORE_FIELD_BYTE_SIZE, &job->size) < 0 ||
	     core_value(&job->local, CORE_FIELD_BYTE_SIZE, &job->local_size) < 0))
		job->size = job->local_size = 0;
	return patch(job, insns + job->insn, job->f->count - job->insn);
}

bool bpf_object_needs_types(const struct bpf_object *object)
{
	for (uint32_t s = 1; s < object->file->section_count; s++) {
		struct object_ext_records records;

		if (!(object->file->sections[s].header.flags & ELF_SHF_EXEC) ||
		    object_ext_find(object, OBJECT_EXT_CORE, object->file->sections[s].name, &records) < 0)
			continue;
		for (uint32_t i = 0; i < records.count; i++) {
			struct core_relo relo;

			memcpy(&relo, records.at + (size_t)i * records.size, sizeof(relo));
			if (relo.kind != CORE_TYPE_ID_LOCAL && !is_linux_type(&object->btf, relo.type_id))
				return true;
		}
	}
	return false;
}

int object_core_relocate(struct bpf_object *object, const struct object_function *f, struct bpf_insn *insns,
			 struct bpf_refusal *why)
{
	struct object_ext_records records;
	struct core_job *job;
	int r = 0;

	if (object_ext_find(object, OBJECT_EXT_CORE, object->file->sections[f->section].name, &records) < 0)
		return object_refuse(why, -EBADMSG, "section .BTF.ext is damaged");
	if (records.count == 0)
		return 0;
	/* Paths are large: not for a kernel's stack. */
	job = bpf_mem_alloc(object->mem, sizeof(*job));
	if (!job)
		return object_refuse(why, -ENOMEM, "no memory for CO-RE relocations");
	for (uint32_t i = 0; i < records.count && r == 0; i++) {
		struct core_relo relo;

		memcpy(&relo, records.at + (size_t)i * records.size, sizeof(relo));
		if (relo.insn_off % 8)
			r = object_refuse(why, -EBADMSG, "%s: a damaged CO-RE relocation", f->name);
		else if (relo.insn_off / 8 >= f->start && relo.insn_off / 8 - f->start < f->count) {
			*job = (struct core_job){
				.object = object, .f = f, .why = why, .insn = relo.insn_off / 8 - f->start};
			r = relocate(job, &relo, insns);
		}
	}
	bpf_mem_free(object->mem, job, sizeof(*job));
	return r;
}
