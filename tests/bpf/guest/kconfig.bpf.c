/* Values of Linux's configuration: the version, and zeroes for what nobody has. */
// RUN: run = 6
#include "guest.h"
extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig __weak;
extern _Bool CONFIG_SMP __kconfig __weak;
SEC("syscall") int run(void *ctx)
{
	return (LINUX_KERNEL_VERSION >> 16) + CONFIG_HZ + CONFIG_SMP;
}
