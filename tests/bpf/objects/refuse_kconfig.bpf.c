/* A value of a configuration that there is not. */
// EXPECT: refused: __kconfig CONFIG_HZ: there is no such value here; declare it __weak to get 0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int CONFIG_HZ __kconfig;
SEC("syscall") int run(void *ctx) { return CONFIG_HZ; }
