/* fpu.c: see fpu.h. */
#include "arch/x86_64/fpu.h"

#include "arch/x86_64/cpu.h"
#include "kernel/thread.h"

#define XCR0_X87_SSE_AVX_AVX512 0xe7ULL
#define MXCSR_DEFAULT 0x1f80
#define MXCSR_AT 24	  /* in the FXSAVE area: SDM vol. 1, table 10-2 */
#define XSAVE_HEADER_AT 512

static size_t image_size = 512;
static uint64_t features = 3;
static bool has_xsave, has_fsgsbase;
uint8_t cpu_has_avx; /* gate_call.S */
static uint32_t mxcsr_mask = 0xffbf;

void fpu_init(void)
{
	uint64_t cr4 = read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;
	struct cpuid_regs r = cpuid(1, 0);
	_Alignas(16) uint8_t probe[512];

	write_cr0((read_cr0() | CR0_MP) & ~(CR0_EM | CR0_TS));
	has_xsave = r.c & (1U << 26);
	if (has_xsave)
		cr4 |= CR4_OSXSAVE;
	if (cpuid(0, 0).a >= 7 && (cpuid(7, 0).b & 1)) {
		cr4 |= CR4_FSGSBASE;
		has_fsgsbase = true;
	}
	write_cr4(cr4);
	if (has_xsave) {
		r = cpuid(0xd, 0);
		features = (r.a | (uint64_t) r.d << 32) & XCR0_X87_SSE_AVX_AVX512;
		/* AVX-512 needs its three parts together (SDM vol. 1, 13.3). */
		if ((features & 0xe0) != 0xe0)
			features &= ~0xe0ULL;
		__asm__ volatile("xsetbv" ::"c"(0), "a"((uint32_t) features), "d"((uint32_t) (features >> 32)));
		image_size = cpuid(0xd, 0).b;
		cpu_has_avx = (features & 4) != 0;
	}
	memset(probe, 0, sizeof(probe));
	__asm__ volatile("fninit; fxsave %0" : "+m"(probe));
	memcpy(&mxcsr_mask, probe + 28, 4);
	if (!mxcsr_mask)
		mxcsr_mask = 0xffbf;
	fpu_reset_registers();
}

size_t fpu_size(void)
{
	return image_size;
}

uint64_t fpu_features(void)
{
	return features;
}

void fpu_reset_image(void *image)
{
	uint16_t fcw = 0x37f;
	uint32_t mxcsr = MXCSR_DEFAULT;

	memset(image, 0, image_size);
	memcpy(image, &fcw, 2);
	memcpy((uint8_t *) image + MXCSR_AT, &mxcsr, 4);
}

void fpu_save_to(void *image)
{
	if (has_xsave) {
		/* XSAVE writes only the first word of the header; XRSTOR wants the rest to be 0 (SDM vol. 1, 13.7, 13.8.1). */
		memset((uint8_t *) image + XSAVE_HEADER_AT, 0, 64);
		__asm__ volatile("xsave64 (%0)" ::"r"(image), "a"(-1), "d"(-1) : "memory");
	} else
		__asm__ volatile("fxsave64 (%0)" ::"r"(image) : "memory");
}

void fpu_load_from(const void *image)
{
	if (has_xsave)
		__asm__ volatile("xrstor64 (%0)" ::"r"(image), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(image) : "memory");
}

void fpu_save(struct thread *t)
{
	fpu_save_to(t->fpu);
}

void fpu_load(struct thread *t)
{
	fpu_load_from(t->fpu);
}

void fpu_sanitise(void *image)
{
	uint8_t *p = image;
	uint32_t mxcsr;

	memcpy(&mxcsr, p + MXCSR_AT, 4);
	mxcsr &= mxcsr_mask;
	memcpy(p + MXCSR_AT, &mxcsr, 4);
	if (has_xsave) {
		uint64_t xstate_bv;

		/* XRSTOR faults on unknown features, on the compacted form and on a non-zero rest of the header
		 * (SDM vol. 1, 13.8.1). */
		memcpy(&xstate_bv, p + XSAVE_HEADER_AT, 8);
		xstate_bv &= features;
		memset(p + XSAVE_HEADER_AT, 0, 64);
		memcpy(p + XSAVE_HEADER_AT, &xstate_bv, 8);
	}
}

void fpu_reset_registers(void)
{
	_Alignas(16) uint8_t image[512];
	uint16_t fcw = 0x37f;
	uint32_t mxcsr = MXCSR_DEFAULT;

	memset(image, 0, sizeof(image));
	memcpy(image, &fcw, 2);
	memcpy(image + MXCSR_AT, &mxcsr, 4);
	__asm__ volatile("fxrstor64 %0" ::"m"(image));
}

void arch_set_fs_base(uint64_t base)
{
	if (has_fsgsbase)
		__asm__ volatile("wrfsbase %0" ::"r"(base));
	else
		wrmsr(MSR_FS_BASE, base);
}

uint64_t arch_get_fs_base(void)
{
	uint64_t v;

	if (!has_fsgsbase)
		return rdmsr(MSR_FS_BASE);
	__asm__ volatile("rdfsbase %0" : "=r"(v));
	return v;
}

void arch_set_gs_base(uint64_t base)
{
	if (has_fsgsbase)
		__asm__ volatile("wrgsbase %0" ::"r"(base));
	else
		wrmsr(MSR_GS_BASE, base);
}

uint64_t arch_get_gs_base(void)
{
	uint64_t v;

	if (!has_fsgsbase)
		return rdmsr(MSR_GS_BASE);
	__asm__ volatile("rdgsbase %0" : "=r"(v));
	return v;
}
