/* insn.c NAME: executes one instruction that ring 3 may not execute, or that must do no harm: it ends the program by a
 * signal, or does nothing that the kernel or the application would notice. */
#include "hostile.h"

#define INSNS(X)                                                                                              \
	X(cli, "cli")                                                                                         \
	X(sti, "sti")                                                                                         \
	X(hlt, "hlt")                                                                                         \
	X(mov_to_cr0, "xor %%eax, %%eax; mov %%rax, %%cr0")                                                   \
	X(mov_from_cr0, "mov %%cr0, %%rax")                                                                   \
	X(mov_to_cr3, "xor %%eax, %%eax; mov %%rax, %%cr3")                                                   \
	X(mov_from_cr3, "mov %%cr3, %%rax")                                                                   \
	X(mov_to_cr4, "xor %%eax, %%eax; mov %%rax, %%cr4")                                                   \
	X(mov_to_cr8, "xor %%eax, %%eax; mov %%rax, %%cr8")                                                   \
	X(mov_to_dr7, "xor %%eax, %%eax; mov %%rax, %%dr7")                                                   \
	X(mov_from_dr0, "mov %%dr0, %%rax")                                                                   \
	X(clts, "clts")                                                                                       \
	X(lmsw, "xor %%eax, %%eax; lmsw %%ax")                                                                \
	X(rdmsr, "mov $0xc0000080, %%ecx; rdmsr")                                                             \
	X(wrmsr, "mov $0xc0000082, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")                         \
	X(lgdt, "sub $16, %%rsp; lgdt (%%rsp)")                                                               \
	X(lidt, "sub $16, %%rsp; lidt (%%rsp)")                                                               \
	X(lldt, "xor %%eax, %%eax; lldt %%ax")                                                                \
	X(ltr, "mov $0x30, %%eax; ltr %%ax")                                                                  \
	X(sgdt, "sub $16, %%rsp; sgdt (%%rsp); add $16, %%rsp")                                               \
	X(sidt, "sub $16, %%rsp; sidt (%%rsp); add $16, %%rsp")                                               \
	X(smsw, "smsw %%eax")                                                                                 \
	X(invlpg, "invlpg (%%rsp)")                                                                           \
	X(invd, "invd")                                                                                       \
	X(wbinvd, "wbinvd")                                                                                   \
	X(in, "mov $0x60, %%edx; in %%dx, %%al")                                                              \
	X(out, "mov $0x501, %%edx; mov $1, %%eax; out %%ax, %%dx")                                            \
	X(outs, "mov $0x3f8, %%edx; mov %%rsp, %%rsi; outsb")                                                 \
	X(xsetbv, "xor %%ecx, %%ecx; xgetbv; or $0x200, %%eax; xsetbv")                                       \
	X(swapgs, "swapgs")                                                                                   \
	X(sysret, "mov $0x1000, %%ecx; sysretq")                                                              \
	X(sysexit, "sysexit")                                                                                 \
	X(sysenter, "sysenter")                                                                               \
	X(iret_to_ring0, "mov %%rsp, %%rax; push $0x10; push %%rax; push $2; push $8; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:") \
	X(iret_to_kernel, "mov %%rsp, %%rax; push $0x2b; push %%rax; push $2; push $0x33; movabs $0xffff800000000000, %%rax; push %%rax; iretq") \
	X(lret_to_ring0, "push $8; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:")                              \
	X(load_ss, "mov $0x10, %%eax; mov %%eax, %%ss")                                                       \
	X(load_ds_code, "mov $8, %%eax; mov %%eax, %%ds")                                                     \
	X(load_segments, "xor %%eax, %%eax; mov %%eax, %%ds; mov %%eax, %%es; mov %%eax, %%gs")               \
	X(wrgsbase, "movabs $0xffff800000000000, %%rax; wrgsbase %%rax")                                      \
	X(wrfsbase, "movabs $0x100000000000, %%rax; wrfsbase %%rax")                                          \
	X(wrfsbase_spin, "rdfsbase %%rdx; movabs $0x100000000000, %%rax; wrfsbase %%rax; mov $0x3000000, %%ecx;"    \
			 "1: dec %%ecx; jnz 1b; wrfsbase %%rdx")                                                \
	X(int3, "int3")                                                                                       \
	X(int80, "xor %%eax, %%eax; int $0x80")                                                               \
	X(int_timer, "int $0x20")                                                                             \
	X(int_fault, "int $14")                                                                               \
	X(int_double, "int $8")                                                                               \
	X(int_nmi, "int $2")                                                                                  \
	X(icebp, ".byte 0xf1")                                                                                \
	X(ud2, "ud2")                                                                                         \
	X(divide, "xor %%ecx, %%ecx; xor %%edx, %%edx; mov $1, %%eax; div %%ecx")                             \
	X(divide_overflow, "mov $0x80000000, %%eax; cltd; mov $-1, %%ecx; idiv %%ecx")                        \
	X(single_step, "pushf; orl $0x100, (%%rsp); popf; nop; nop")                                          \
	X(single_step_syscall, "mov $39, %%eax; pushf; orl $0x100, (%%rsp); popf; syscall; nop")              \
	X(alignment_flag, "pushf; orl $0x40000, (%%rsp); popf; mov $39, %%eax; syscall")                      \
	X(nested_task, "pushf; orl $0x4000, (%%rsp); popf; mov $39, %%eax; syscall; iretq")                   \
	X(iopl, "pushf; orl $0x3000, (%%rsp); popf; cli")                                                     \
	X(direction, "std; mov $39, %%eax; syscall; cld")                                                     \
	X(vmcall, "vmcall")                                                                                   \
	X(vmmcall, "vmmcall")                                                                                 \
	X(vmxoff, "vmxoff")                                                                                   \
	X(rsm, "rsm")                                                                                         \
	X(monitor, "mov %%rsp, %%rax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor")                           \
	X(mwait, "xor %%eax, %%eax; xor %%ecx, %%ecx; mwait")                                                 \
	X(stac, "stac")                                                                                       \
	X(clac, "clac")                                                                                       \
	X(rdpmc, "xor %%ecx, %%ecx; rdpmc")                                                                   \
	X(xsaves, "sub $4096, %%rsp; and $-64, %%rsp; mov $1, %%eax; xor %%edx, %%edx; xsaves (%%rsp)")       \
	X(sse_unmasked, "sub $8, %%rsp; movl $0, (%%rsp); ldmxcsr (%%rsp); add $8, %%rsp;"                    \
			"mov $0x3000000, %%ecx; 1: dec %%ecx; jnz 1b")                                        \
	X(sse_fault, "sub $8, %%rsp; movl $0, (%%rsp); ldmxcsr (%%rsp); xorps %%xmm0, %%xmm0; mov $1, %%eax;" \
		     "cvtsi2ss %%eax, %%xmm1; divss %%xmm0, %%xmm1; add $8, %%rsp")                                          \
	X(x87_unmasked, "fninit; sub $8, %%rsp; movl $0x240, (%%rsp); fldcw (%%rsp); add $8, %%rsp;"          \
			"mov $0x3000000, %%ecx; 1: dec %%ecx; jnz 1b")                                        \
	X(x87_fault, "fninit; sub $8, %%rsp; movl $0x240, (%%rsp); fldcw (%%rsp); fldz; fld1; fdiv %%st(1), %%st; fwait") \
	X(bad_stack_syscall, "movabs $0xffff800000000000, %%rsp; mov $39, %%eax; syscall")                    \
	X(bad_stack_fault, "movabs $0xffff800000000000, %%rsp; push %%rax")                                   \
	X(bad_stack_spin, "mov %%rsp, %%rdx; movabs $0x8000000000000000, %%rsp; mov $0x3000000, %%ecx; 1: dec %%ecx; jnz 1b; mov %%rdx, %%rsp") \
	X(non_canonical, "movabs $0x800000000000, %%rax; mov (%%rax), %%rax")                                 \
	X(non_canonical_jump, "movabs $0x800000000000, %%rax; jmp *%%rax")                                    \
	X(non_canonical_return, "movabs $0x800000000000, %%rax; push %%rax; ret")                             \
	X(mov_from_cr2, "mov %%cr2, %%rax")                                                                   \
	X(mov_from_cr4, "mov %%cr4, %%rax")                                                                   \
	X(mov_from_cr8, "mov %%cr8, %%rax")                                                                   \
	X(mov_to_dr0, "xor %%eax, %%eax; mov %%rax, %%dr0")                                                   \
	X(wrmsr_fs_base, "mov $0xc0000100, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")                 \
	X(wrmsr_pkrs, "mov $0x6e1, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")                         \
	X(invpcid, "sub $16, %%rsp; mov $2, %%eax; invpcid (%%rsp), %%rax")                                   \
	X(ins, "mov $0x3f8, %%edx; lea -64(%%rsp), %%rdi; insb")                                              \
	X(in_immediate, "in $0x60, %%al")                                                                     \
	X(out_immediate, "out %%al, $0x80")                                                                   \
	X(sldt, "sldt %%eax")                                                                                 \
	X(str, "str %%eax")                                                                                   \
	X(xrstors, "sub $4096, %%rsp; and $-64, %%rsp; mov $-1, %%eax; mov %%eax, %%edx; xrstors (%%rsp)")    \
	X(getsec, "xor %%eax, %%eax; getsec")                                                                 \
	X(vmxon, "sub $16, %%rsp; vmxon (%%rsp)")                                                             \
	X(vmrun, "vmrun")                                                                                     \
	X(skinit, "skinit")                                                                                   \
	X(encls, ".byte 0x0f, 0x01, 0xcf")                                                                    \
	X(rdtsc, "rdtsc; rdtscp")                                                                             \
	X(unaligned_sse, "lea 1(%%rsp), %%rax; and $-16, %%rax; movaps 1(%%rax), %%xmm0")                     \
	X(unaligned_cmpxchg16b, "lea -64(%%rsp), %%rax; and $-16, %%rax; lock cmpxchg16b 1(%%rax)")           \
	X(load_gs, "mov $0x10, %%eax; mov %%eax, %%gs")                                                       \
	X(load_fs, "mov $0x18, %%eax; mov %%eax, %%fs")                                                       \
	X(load_tss, "mov $0x30, %%eax; mov %%eax, %%es")                                                      \
	X(far_call, "sub $16, %%rsp; movl $0, (%%rsp); movw $8, 4(%%rsp); lcall *(%%rsp)")                    \
	X(rdpkru, "xor %%ecx, %%ecx; rdpkru")

#define FUNCTION(name, code) \
	static void do_##name(void) { __asm__ volatile(code ::: "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r11", "memory", "cc"); }
INSNS(FUNCTION)

static const struct {
	const char *name;
	void (*fn)(void);
} insns[] = {
#define ROW(name, code) { #name, do_##name },
	INSNS(ROW)
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(insns) / sizeof(insns[0]); i++)
		if (!strcmp(insns[i].name, argv[1])) {
			insns[i].fn();
			printf("went on\n");
			fflush(stdout);
			_exit(0);
		}
	dprintf(2, "no such instruction\n");
	return 99;
}
