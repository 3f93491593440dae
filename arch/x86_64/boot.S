/* boot.S: from the PVH entry (32-bit protected mode, paging off, %ebx = struct hvm_start_info; Xen's "PVH" boot ABI)
 * to boot_main() in 64-bit mode at the image's linked address. The tables made here are rough (2 MiB pages, all
 * writable and executable) and live only until paging_init(). */
#include "arch/x86_64/asm.h"

#define PHYS(x) ((x) - IMAGE_OFFSET)

	.section .boot.text, "ax"
	.code32
	.globl pvh_entry
pvh_entry:
	cld
	movl	%ebx, %ebp		/* start info, kept over the loops */

	/* One page directory maps physical 0..1 GiB; it serves the identity map, the image and the direct map. */
	movl	$PHYS(boot_pd), %edi
	movl	$0x83, %eax		/* present, writable, 2 MiB page */
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	movl	$0, 4(%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b

	movl	$(PHYS(boot_pd) + 3), %eax
	movl	%eax, PHYS(boot_pdpt)		/* 0..1 GiB */
	movl	%eax, PHYS(boot_pdpt + 8)	/* 1..2 GiB */
	movl	$(PHYS(boot_pdpt) + 3), %eax
	movl	%eax, PHYS(boot_pml4)
	movl	%eax, PHYS(boot_pml4 + 256 * 8)	/* 0xffff800000000000 */

	movl	$0x20, %eax		/* CR4.PAE */
	movl	%eax, %cr4
	movl	$PHYS(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx	/* IA32_EFER */
	rdmsr
	orl	$0x901, %eax		/* LME, NXE, SCE */
	wrmsr
	movl	$0x80010033, %eax	/* PG, WP, NE, ET, MP, PE */
	movl	%eax, %cr0
	lgdt	PHYS(boot_gdtr)
	ljmp	$SEL_KCODE, $PHYS(1f)
	.code64
1:	movabsq	$2f, %rax
	jmp	*%rax
2:	movl	$SEL_KDATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$boot_stack_top, %rsp
	movl	%ebp, %edi
	xorl	%ebp, %ebp
	call	boot_main
	ud2

	.section .boot.data, "aw"
	.balign 8
boot_gdt:
	.quad	0
	.quad	0x00af9a000000ffff	/* 64-bit code */
	.quad	0x00cf92000000ffff	/* data */
boot_gdtr:
	.word	. - boot_gdt - 1
	.long	PHYS(boot_gdt)

	.bss
	.balign 4096
	.globl boot_tables
boot_tables:
boot_pml4:
	.skip	4096
boot_pdpt:
	.skip	4096
boot_pd:
	.skip	4096
	.globl boot_stack
boot_stack:
	.skip	8192
	.globl boot_stack_top
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
