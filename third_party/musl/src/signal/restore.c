/* restore.c: where Linux lets a signal handler return to. Here the kernel calls handlers as functions, so nothing comes
 * here; sigaction() only needs the address. Takes the place of musl's assembly. */
#include <features.h>

hidden void __restore_rt(void)
{
	__builtin_trap();
}
weak_alias(__restore_rt, __restore);
