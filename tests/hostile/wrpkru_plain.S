/* wrpkru_plain.S: opens the application's memory with WRPKRU. Not loaded: the bytes 0f 01 ef may not be executable. */
	.globl	main
main:	xorl	%eax, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	wrpkru
	xorl	%eax, %eax
	ret
	.section .note.GNU-stack, "", @progbits
