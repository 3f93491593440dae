/* restore.c: where Linux lets a signal handler return to. Here the kernel calls handlers as functions, so nothing comes
 * here, unless Linux started the image (image/linux_start.S). Takes the place of musl's assembly. */
#include <features.h>

void linux_restore_rt(void);

/* Linux finds its frame by the stack pointer: nothing may be pushed. */
__attribute__((naked)) hidden void __restore_rt(void)
{
	__asm__("jmp linux_restore_rt");
}
weak_alias(__restore_rt, __restore);
