/* restore.c: where a signal handler returns to. The frame that the kernel made lies at the stack pointer. Takes the place
 * of musl's assembly. */
__asm__(".section .text.__restore_rt,\"ax\",@progbits\n"
	".globl __restore_rt, __restore\n"
	".hidden __restore_rt, __restore\n"
	".weak linux_sigreturn\n"
	".type __restore_rt,@function\n"
	"	nop\n" /* unwinders look at the byte before a return address */
	"__restore:\n"
	"__restore_rt:\n"
	"	mov %rsp,%rdi\n"
	"	and $-16,%rsp\n"
	"	call linux_sigreturn\n"
	"	ud2\n"
	".size __restore_rt,.-__restore_rt\n"
	".text\n");
