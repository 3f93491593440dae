/* write_heap.c: follows a pointer of the application's with the grant `read`, and writes to the heap behind it. */
#include "hostile.h"

extern uint64_t *victim_heap;

int main(void)
{
	uint64_t *heap = victim_heap;

	printf("heap at %p\n", (void *) heap);
	fflush(stdout);
	*heap = 0;
	ESCAPED("wrote to the heap");
	return 0;
}
