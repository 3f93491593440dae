/* A symbol that the image does not have. */
// REFUSED: __ksym nobody_has_this: the image has no such symbol; declare it __weak to get 0
#include "tests/bpf/guest/image.h"
extern const char nobody_has_this __ksym;
SEC("syscall") int run(void *ctx)
{
	return (long)&nobody_has_this;
}
