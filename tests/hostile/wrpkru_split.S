/* wrpkru_split.S: no WRPKRU to be seen in a disassembly: its bytes end one instruction and begin the next, and a jump into
 * the middle executes it. Not loaded. */
	.globl	main
main:	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	jmp	1f + 4
1:	movl	$0x0f000000, %ebx	/* bb 00 00 00 0f */
	addl	%ebp, %edi		/* 01 ef */
	xorl	%eax, %eax
	ret
	.section .note.GNU-stack, "", @progbits
