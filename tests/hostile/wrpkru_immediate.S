/* wrpkru_immediate.S: WRPKRU as the operand of another instruction. Not loaded. */
	.globl	main
main:	movl	$0x00ef010f, %eax
	xorl	%eax, %eax
	ret
	.section .note.GNU-stack, "", @progbits
