/* call_registers.c: looks what a function of the application left in the vector registers that no result comes in. */
#include "hostile.h"

int victim_vectors(void);

int main(void)
{
	static uint64_t left[14][2];

	victim_vectors();
	/* By hand, before any code of the compiler's may use them. */
	__asm__ volatile("movups %%xmm2, 0(%0)\n\tmovups %%xmm3, 16(%0)\n\tmovups %%xmm4, 32(%0)\n\tmovups %%xmm5, 48(%0)\n\t"
			 "movups %%xmm6, 64(%0)\n\tmovups %%xmm7, 80(%0)\n\tmovups %%xmm8, 96(%0)\n\t"
			 "movups %%xmm9, 112(%0)\n\tmovups %%xmm10, 128(%0)\n\tmovups %%xmm11, 144(%0)\n\t"
			 "movups %%xmm12, 160(%0)\n\tmovups %%xmm13, 176(%0)\n\tmovups %%xmm14, 192(%0)\n\t"
			 "movups %%xmm15, 208(%0)" ::"r"(left) : "memory");
	for (int i = 0; i < 14; i++)
		if (left[i][0] | left[i][1])
			ESCAPED("xmm%d holds %lx of the application's", i + 2, left[i][0]);
	printf("looked at 14 registers\n");
	return 0;
}
