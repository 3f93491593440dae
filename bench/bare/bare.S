/* bare.S: the least that a PVH guest can do: print one line on the serial port. What boot times are compared with. The
 * second line is for the time inside the guest: the time-stamp counter at the entry, in hexadecimal. */
#define COM1	0x3f8	/* 16550: transmit register; + 5: line status, bit 5: it is empty */
#define EXIT	0x501	/* isa-debug-exit */

	.section .note.pvh, "a", @note
	.long	4, 4, 18		/* Xen, elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.long	entry

	.text
	.code32
	.globl	entry
entry:
	rdtsc
	movl	$stack_top, %esp
	movl	%eax, %ebx
	movl	%edx, %ebp
	movl	$line, %esi
1:	lodsb
	testb	%al, %al
	jz	2f
	call	put
	jmp	1b
2:	movl	$16, %ecx		/* digits */
3:	movl	%ebp, %eax
	shrl	$28, %eax
	addb	$'0', %al
	cmpb	$'9', %al
	jbe	4f
	addb	$('a' - '9' - 1), %al
4:	call	put
	shldl	$4, %ebx, %ebp
	shll	$4, %ebx
	loop	3b
	movb	$'\n', %al
	call	put
	xorl	%eax, %eax
	movw	$EXIT, %dx
	outw	%ax, %dx
5:	cli
	hlt
	jmp	5b

put:	movb	%al, %ah		/* prints %al; uses %edx */
	movw	$(COM1 + 5), %dx
6:	inb	%dx, %al
	testb	$0x20, %al
	jz	6b
	movw	$COM1, %dx
	movb	%ah, %al
	outb	%al, %dx
	ret

	.section .rodata
line:	.asciz	"first\ntsc "

	.bss
	.skip	64
stack_top:
	.section .note.GNU-stack, "", @progbits
