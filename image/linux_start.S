/* linux_start.S: an image that Linux starts as a process. QEMU enters at the PVH note's address, so the ELF header's entry
 * is free for this: every linked linux_NAME() turns into the system call itself, and the application starts on the stack
 * that Linux made. The kernel in the image stays where it is, unused. For configure scripts that run what they compile, for
 * debuggers, and for a comparison with the same code on Linux.
 *
 * .linux_calls has a pair of 32-bit words for each such function (kernel/entry.h, LINUX_CALL): its address, and the
 * call's number or the address of a function of this file that takes its place. */
#include "arch/x86_64/asm.h"

/* Numbers of Linux on x86-64, include/uapi/asm/unistd_64.h */
#define SYS_MPROTECT 10
#define SYS_MUNMAP 11
#define SYS_RT_SIGRETURN 15
#define SYS_CLONE 56
#define SYS_EXIT 60
#define SYS_EXIT_GROUP 231
#define NUMBERS_END 0x1000

	.section .text.linux_start, "ax"
	.globl linux_start
linux_start:
	movl	$7, %edx		/* PROT_READ | PROT_WRITE | PROT_EXEC: this code is in the range, too */
	call	protect_text
	movl	$__linux_calls_start, %esi
1:	cmpl	$__linux_calls_end, %esi
	jae	3f
	lodsl
	xchgl	%eax, %edi
	lodsl
	movb	$0xb8, (%rdi)		/* mov $..., %eax */
	movl	%eax, 1(%rdi)
	cmpl	$NUMBERS_END, %eax
	jb	2f
	movw	$0xe0ff, 5(%rdi)	/* jmp *%rax */
	jmp	1b
2:	movl	$0x0fca8949, 5(%rdi)	/* mov %rcx, %r10; syscall; ret */
	movw	$0xc305, 9(%rdi)
	jmp	1b
3:	movl	$5, %edx		/* PROT_READ | PROT_EXEC */
	call	protect_text
	jmp	uio_app_start

protect_text:
	movl	$__text_start, %edi
	movl	$__text_end, %esi
	subl	%edi, %esi
	movl	$SYS_MPROTECT, %eax
	syscall
	testl	%eax, %eax
	jz	1f
	movl	$127, %edi
	movl	$SYS_EXIT_GROUP, %eax
	syscall
1:	ret

/* What follows is linked only if the function is that it replaces. */

	/* linux_clone_call(flags, stack_top, ptid, ctid, tls, fn, arg) */
	.section .text.linux_process_clone, "ax"
	.globl linux_process_clone
linux_process_clone:
	movq	8(%rsp), %rax
	subq	$8, %rsi
	movq	%rax, (%rsi)
	movq	%rcx, %r10
	movl	$SYS_CLONE, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	ret
1:	xorl	%ebp, %ebp
	popq	%rdi
	call	*%r9
	xchgl	%eax, %edi
	movl	$SYS_EXIT, %eax
	syscall

	/* linux_unmapself(base, size) */
	.section .text.linux_process_unmapself, "ax"
	.globl linux_process_unmapself
linux_process_unmapself:
	movl	$SYS_MUNMAP, %eax
	syscall
	xorl	%edi, %edi
	movl	$SYS_EXIT, %eax
	syscall

	/* linux_syscall(number, a, b, c, d, e, f) */
	.section .text.linux_process_syscall, "ax"
	.globl linux_process_syscall
linux_process_syscall:
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	ret

	/* Where Linux lets a signal handler return to; our kernel calls handlers as functions, and nothing comes here. Room
	 * for the code that linux_start writes. */
	.section .text.linux_restore_rt, "ax"
	.globl linux_restore_rt
linux_restore_rt:
	ud2
	.skip	9, 0xcc
	.reloc	linux_restore_rt, R_X86_64_NONE, restore_rt_entry
	.section .linux_calls, "a"
restore_rt_entry:
	.long	linux_restore_rt, SYS_RT_SIGRETURN

	.section .note.GNU-stack, "", @progbits
