/* Values and symbols that the object only declares. */
// EXPECT: map 0 .kconfig: array key 4 value 12 entries 1 flags 0x80 frozen
// EXPECT: run 0: 18 r1 0 0 1432778632
// EXPECT: run 1: 00 r0 0 0 287454020
// NEVER: refused
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_NOBODY_HAS_IT __kconfig __weak;
extern int image_counter __ksym;
extern int nobody_has_it __ksym __weak;

SEC("syscall")
unsigned long run(void *ctx)
{
	unsigned long a = (unsigned long)&image_counter;

	if (&nobody_has_it)
		a++;
	return a + LINUX_KERNEL_VERSION + CONFIG_NOBODY_HAS_IT;
}
