/* A symbol that the image does not have. */
// EXPECT: refused: __ksym nobody_has_it: the image has no such symbol; declare it __weak to get 0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int nobody_has_it __ksym;
SEC("syscall") unsigned long run(void *ctx) { return (unsigned long)&nobody_has_it; }
