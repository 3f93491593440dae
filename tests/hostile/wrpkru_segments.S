/* wrpkru_segments.S: WRPKRU across the border of two pages of code in the file. Not loaded. */
	.globl	main
main:	xorl	%eax, %eax
	ret
	.balign	4096
	.fill	4094, 1, 0x90
	.byte	0x0f, 0x01, 0xef
	.section .note.GNU-stack, "", @progbits
