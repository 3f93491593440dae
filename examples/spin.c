/* spin.c: a program that loops for ever. It takes its share of the CPU, and its time limit ends it.
 *
 *	musl-gcc -O2 -static -o spin spin.c
 *	uio exec --timeout 2s --push spin NAME spin
 */
int main(void)
{
	for (;;)
		;
}
