/* stubs.c: what a program calls when it calls the application: a few bytes in its own window that enter the gate. */
#include "overlay/load.h"
#include "overlay/program.h"

int stubs_map(struct program *p, struct vmspace *vm, uint64_t *ret_base)
{
	uint64_t len = PAGE_ALIGN_UP(p->binding_count * STUB_SIZE), base;
	bool any = false;
	int r;

	for (size_t i = 0; i < p->binding_count; i++)
		any |= p->bindings[i].function;
	*ret_base = 0;
	if (!any)
		return 0;
	r = vm_map(vm, 0, len, PROT_READ | PROT_WRITE, 0, NULL, 0, "[gates]", &base);
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->binding_count; i++) {
		uint32_t nr = GATE_BASE + i;
		/* mov %rcx,%r10 (SYSCALL takes rcx); mov $nr,%eax; syscall; ret; the rest traps. */
		uint8_t stub[STUB_SIZE] = { 0x49, 0x89, 0xca, 0xb8, nr, nr >> 8, nr >> 16, nr >> 24, 0x0f, 0x05, 0xc3, 0xcc, 0xcc,
					    0xcc, 0xcc, 0xcc };

		r = vm_write(vm, base + i * STUB_SIZE, stub, sizeof(stub));
		if (r < 0)
			return r;
	}
	r = vm_protect(vm, base, len, PROT_READ | PROT_EXEC);
	if (r < 0)
		return r;
	vm_find(vm, base)->flags |= VM_SEALED;
	*ret_base = base;
	return 0;
}
